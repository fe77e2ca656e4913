import { useChat } from '@ai-sdk/react';
import { DefaultChatTransport } from 'ai';
import { wholeFetch } from 'cdk-lambda-streaming/fetcher';
import { type FormEvent, useState } from 'react';
import { createRoot } from 'react-dom/client';

/** The function URL; esbuild puts it here. */
declare const CHAT_URL: string;

// Without wholeFetch, an answer that was cut off looks like a whole one.
const transport = new DefaultChatTransport({ api: CHAT_URL, fetch: wholeFetch() });

function Chat() {
  const { messages, sendMessage, regenerate, status, error } = useChat({ transport });
  const [text, setText] = useState('');
  const busy = status === 'submitted' || status === 'streaming';

  function send(event: FormEvent): void {
    event.preventDefault();
    void sendMessage({ text });
    setText('');
  }

  return (
    <main data-status={status}>
      <h1>Chat</h1>
      <ol aria-live="polite">
        {messages.map(({ id, role, parts }) => (
          <li key={id} className={role}>
            {parts.map((part) => (part.type === 'text' ? part.text : ''))}
          </li>
        ))}
      </ol>
      {error && (
        <p role="alert">
          The answer is not whole.{' '}
          <button type="button" onClick={() => void regenerate()}>
            Ask again
          </button>
        </p>
      )}
      <form onSubmit={send}>
        <label>
          Your message <input value={text} onChange={({ target }) => setText(target.value)} required />
        </label>
        <button type="submit" disabled={busy}>
          Send
        </button>
      </form>
    </main>
  );
}

const root = document.getElementById('root');
if (root === null) throw new Error('the page has no element #root');
createRoot(root).render(<Chat />);
