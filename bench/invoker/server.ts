/** Answers every invocation with `total` bytes of payload in frames of `size` bytes; the function's name is `f-<size>-<total>`. */
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { encodeInvokeComplete, encodePayloadChunk } from '../../src/wire/frame-encoder';

const WRITE_BYTES = 256 * 1024;

const server = createServer((request, response) => {
  request.resume();
  const [, size = '0', total = '0'] = /f-(\d+)-(\d+)/.exec(request.url ?? '') ?? [];
  response.writeHead(200, { 'content-type': 'application/vnd.amazon.eventstream', 'x-amzn-requestid': 'bench' });
  void send(response, Number(size), Math.round(Number(total) / Number(size)));
});

async function send(response: ServerResponse, size: number, frames: number): Promise<void> {
  const frame = encodePayloadChunk(new Uint8Array(size).fill(97));
  const perWrite = Math.max(1, Math.min(frames, Math.floor(WRITE_BYTES / frame.length)));
  const block = Buffer.concat(Array.from({ length: perWrite }, () => frame));
  for (let left = frames; left > 0 && !response.destroyed; left -= perWrite) {
    const piece = left >= perWrite ? block : block.subarray(0, left * frame.length);
    if (!response.write(piece)) await new Promise((resolve) => response.once('drain', resolve));
  }
  response.end(encodeInvokeComplete());
}

server.listen(0, '127.0.0.1', () => {
  process.send?.((server.address() as AddressInfo).port);
});
process.on('disconnect', () => process.exit());
