/** What the journal keeps, and what it forgets: it must not grow with a target that runs for days. */
import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { Journal } from '../../../src/local/journal/journal';
import type { JournalEvent } from '../../../src/local/journal/journal-event';

const MIB = 1_024 * 1_024;

let journal: Journal;
beforeEach(() => {
  journal = new Journal();
});

function accept(call: string, remotePort = 1): ServerResponse {
  const response = Object.assign(new EventEmitter(), { statusCode: 200, writableFinished: true });
  const request = { method: 'POST', url: '/x?secret=1', headers: {}, socket: { remotePort } };
  journal.accepted(call, { operation: 'FunctionUrl', request, response: response as unknown as ServerResponse });
  return response as unknown as ServerResponse;
}

function kept(): JournalEvent[] {
  const events: JournalEvent[] = [];
  journal.subscribe((event) => events.push(event))();
  return events;
}

const callsOf = (events: readonly JournalEvent[]) => [...new Set(events.map(({ call }) => call))];

test('who comes later is told what is kept, then what happens, until it leaves', () => {
  accept('a').emit('close');
  const told: JournalEvent[] = [];
  const leave = journal.subscribe((event) => told.push(event));
  accept('b');
  leave();
  accept('c');
  expect(told.map(({ call, type }) => [call, type])).toEqual([
    ['a', 'accepted'],
    ['a', 'ended'],
    ['b', 'accepted'],
  ]);
  expect(told[0]).toMatchObject({ what: 'POST /x' });
});

test('the last 100 calls are kept', () => {
  for (let call = 0; call < 120; call += 1) accept(String(call));
  expect(callsOf(kept())).toEqual(Array.from({ length: 100 }, (_, index) => String(index + 20)));
});

test('of a call 4 MiB of payload are kept, and the sizes of the rest', () => {
  accept('a');
  for (let piece = 0; piece < 6; piece += 1) journal.piece('a', Buffer.alloc(MIB, 'x'));
  const pieces = kept().filter((event) => event.type === 'piece');
  expect(pieces.map((piece) => piece.type === 'piece' && [piece.bytes, piece.text?.length])).toEqual([
    ...new Array(4).fill([MIB, MIB]),
    ...new Array(2).fill([MIB, undefined]),
  ]);
});

test('of all calls 64 MiB of payload are kept: the oldest are forgotten', () => {
  const piece = Buffer.alloc(4 * MIB, 'x');
  for (let call = 0; call < 20; call += 1) {
    accept(String(call));
    journal.piece(String(call), piece);
  }
  expect(callsOf(kept())).toEqual(Array.from({ length: 16 }, (_, index) => String(index + 4)));
});

test('of a call 20,000 events are kept, its end among them', () => {
  const response = accept('a');
  for (let piece = 0; piece < 20_100; piece += 1) journal.piece('a', Buffer.from('x'));
  response.emit('close');
  const events = kept();
  expect([events.length, events.at(-1)?.type]).toEqual([20_001, 'ended']);
});

test('bytes that are no text are kept as base64', () => {
  accept('a');
  journal.piece('a', Buffer.from([0xc3]));
  expect(kept().at(-1)).toMatchObject({ type: 'piece', bytes: 1, base64: 'ww==' });
});

test('a tag is for the next request from its port, and can be taken back', () => {
  journal.tagNext(7, 'mine');
  const takeBack = journal.tagNext(8, 'left');
  takeBack();
  accept('a', 7);
  accept('b', 7);
  accept('c', 8);
  expect(kept().map((event) => event.type === 'accepted' && event.tag)).toEqual(['mine', undefined, undefined]);
});

test('what belongs to no call that was accepted is not told, but for its log', () => {
  journal.delivered('authorizer', 1);
  const told: JournalEvent[] = [];
  journal.subscribe((event) => told.push(event));
  journal.completed('authorizer', { failure: undefined, logTail: Buffer.alloc(0) });
  journal.log({ functionArn: 'arn', version: '1', logGroupName: 'g', requestId: undefined, message: 'init' });
  expect(told).toEqual([expect.objectContaining({ type: 'log', message: 'init' })]);
});
