/** A folder for what only this user may read: where a local target is found, and with which secret. */
import { lstatSync, mkdirSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

/** @throws an error with the code `FOLDER_NOT_SAFE` where others could read it */
export function privateFolder(): string {
  const { uid } = userInfo();
  const place = join(tmpdir(), `cdk-lambda-streaming-${uid}`);
  mkdirSync(place, { recursive: true, mode: 0o700 });
  const found = lstatSync(place);
  if (process.platform !== 'win32' && (found.uid !== uid || !found.isDirectory() || (found.mode & 0o077) !== 0)) {
    throw Object.assign(new Error(`${place} must be a folder that only you can read; remove it, or set TMPDIR`), {
      code: 'FOLDER_NOT_SAFE',
    });
  }
  return place;
}
