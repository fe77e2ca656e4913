/** What is read from errors of the network layer, whatever shape they have. */
import { connectionFailure, innermost, describe as say, systemCodeOf } from '../../../src/stream/errors/system-error';

const failed = (code: string, message = 'failed') => Object.assign(new Error(message), { code });
const wrapped = (cause: unknown) => new TypeError('fetch failed', { cause });

test.each<[kind: string, error: unknown, code: string | undefined]>([
  ['an error of Node.js', failed('ECONNRESET'), 'ECONNRESET'],
  ['an error of fetch around it', wrapped(wrapped(failed('ECONNRESET'))), 'ECONNRESET'],
  ['a code that is a number', Object.assign(wrapped(failed('EPIPE')), { code: 7 }), 'EPIPE'],
  ['an error without a code', new Error('x'), undefined],
  ['nothing', undefined, undefined],
  ['null', null, undefined],
])('the code of %s', (_, error, code) => {
  expect(systemCodeOf(error)).toBe(code);
});

test.each<[kind: string, error: unknown, words: string]>([
  ['a message', failed('ECONNRESET', 'connect ECONNRESET'), 'connect ECONNRESET'],
  ['the first of several addresses', new AggregateError([failed('A', 'first'), failed('B', 'second')], ''), 'first'],
  ['no address at all', new AggregateError([], ''), 'AggregateError'],
  ['a code alone', failed('ECONNREFUSED', ''), 'ECONNREFUSED'],
  ['a name alone', { name: 'Odd' }, 'Odd'],
  ['a thrown text', 'plain', 'plain'],
  ['a thrown number', 7, '7'],
  ['undefined', undefined, 'undefined'],
  ['null', null, 'null'],
  [
    'what cannot be read',
    {
      get message() {
        throw new Error('no');
      },
    },
    'an error that cannot be read',
  ],
])('says in words: %s', (_, error, words) => {
  expect(say(error)).toBe(words);
});

test('the innermost error is the one that nothing caused', () => {
  const inner = failed('EPROTO');
  expect(innermost(wrapped(wrapped(inner)))).toBe(inner);
  const withNull = Object.assign(failed('A'), { cause: null });
  expect(innermost(wrapped(withNull))).toBe(withNull);
  expect([innermost(undefined), innermost(null)]).toEqual([undefined, null]);
});

const REFUSED = { isUnwritable: false, facts: { invoked: 'no', retryable: false } };
const UNREACHED = { isUnwritable: false, facts: { invoked: 'no', retryable: true } };
const BROKEN = { isUnwritable: false, facts: { invoked: 'maybe', retryable: true } };

test.each<[kind: string, error: unknown, failure: object]>([
  ['nobody listens', failed('ECONNREFUSED'), { ...UNREACHED, systemCode: 'ECONNREFUSED' }],
  ['a name that is not found', wrapped(failed('ENOTFOUND')), UNREACHED],
  ['a connection that broke', failed('ECONNRESET'), BROKEN],
  ['an error without a code', new Error('x'), { ...BROKEN, systemCode: undefined }],
  ['a certificate', failed('CERT_HAS_EXPIRED'), REFUSED],
  ['no common protocol', failed('EPROTO', 'wrong version number'), REFUSED],
  ['no common protocol, under fetch', wrapped(failed('ERR_SSL_X', 'handshake failure')), REFUSED],
  ['an error of TLS in the middle', failed('EPROTO', 'bad record mac'), BROKEN],
  ['words of a handshake in another error', failed('ECONNRESET', 'handshake failure'), BROKEN],
  [
    'a request that cannot be written',
    failed('ERR_INVALID_CHAR'),
    { isUnwritable: true, facts: { invoked: 'no', retryable: false } },
  ],
])('tells whether the request can have left: %s', (_, error, failure) => {
  expect(connectionFailure(error)).toMatchObject(failure);
});
