/** Follows a job to its end by an EventSource, as a browser has it: `tsx client.ts <function URL>`. */
import { EventSource } from 'eventsource';

const [url = ''] = process.argv.slice(2);
const source = new EventSource(new URL('jobs/42', url));
source.addEventListener('open', () => console.log('connected'));
source.addEventListener('step', ({ lastEventId, data }) => console.log(lastEventId, data));
source.addEventListener('error', ({ code, message }) => {
  if (source.readyState !== source.CLOSED) return console.log('cut off, coming again');
  console.log(code === 204 ? 'the job is done' : `failed: ${message}`);
});
