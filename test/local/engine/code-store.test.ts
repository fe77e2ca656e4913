import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FileAsset } from '../../../src/local/assembly/read-assets';
import { CodeStore } from '../../../src/local/engine/code-store';
import { unzip } from '../../../src/local/engine/unzip';
import { Properties } from '../../../src/local/resources/properties';
import { removeFolders, temporaryFolder } from './write-assembly';

/** Made by Python's zipfile: index.js deflated, bin/run.sh stored and executable, empty.txt, dir/, and a comment. */
const ZIP = Buffer.from(
  'UEsDBBQAAAAIAAAAIVyK+YVIKgAAAG8AAAAIAAAAaW5kZXguanNLrSjILyop1stIzEvJSS1SsFVILK7MS1bQ0FSwtVNQqsosULLmSqWaIgBQSwMEFAAAAAAA' +
    'AAAhXB2d+wQKAAAACgAAAAoAAABiaW4vcnVuLnNoIyEvYmluL3NoClBLAwQUAAAACAAAACFcAAAAAAIAAAAAAAAACQAAAGVtcHR5LnR4dAMAUEsDBBQAAAAA' +
    'AAAAIVwAAAAAAAAAAAAAAAAEAAAAZGlyL1BLAQIUAxQAAAAIAAAAIVyK+YVIKgAAAG8AAAAIAAAAAAAAAAAAAACkgQAAAABpbmRleC5qc1BLAQIUAxQAAAAA' +
    'AAAAIVwdnfsECgAAAAoAAAAKAAAAAAAAAAAAAADtgVAAAABiaW4vcnVuLnNoUEsBAhQDFAAAAAgAAAAhXAAAAAACAAAAAAAAAAkAAAAAAAAAAAAAAKSBggAA' +
    'AGVtcHR5LnR4dFBLAQIUAxQAAAAAAAAAIVwAAAAAAAAAAAAAAAAEAAAAAAAAAAAAAADtQasAAABkaXIvUEsFBgAAAAAEAAQA1wAAAM0AAAAJAGEgY29tbWVu' +
    'dA==',
  'base64',
);
/** The same, with one file called ../escape.js. */
const ESCAPING_ZIP = Buffer.from(
  'UEsDBBQAAAAAAAAAIVyDFtyMAQAAAAEAAAAMAAAALi4vZXNjYXBlLmpzeFBLAQIUAxQAAAAAAAAAIVyDFtyMAQAAAAEAAAAMAAAAAAAAAAAAAACAAQAAAAAu' +
    'Li9lc2NhcGUuanNQSwUGAAAAAAEAAQA6AAAAKwAAAAAA',
  'base64',
);

const ENVIRONMENT = { account: '111111111111', region: 'eu-west-1', partition: 'aws', requireRead: () => undefined };

let folder: string;
let store: CodeStore;

beforeEach(() => {
  folder = temporaryFolder();
  store = new CodeStore();
});

afterEach(() => {
  store.clear();
  removeFolders();
});

function asset(path: string, more: Partial<FileAsset> = {}): FileAsset {
  const key = 'prefix-$' + '{AWS::Region}/hash.zip';
  return { hash: 'hash', displayName: 'Api/Code', path, packaging: 'zip', objectKeys: [key], ...more };
}

const CODE = new Properties({ S3Bucket: 'b', S3Key: 'prefix-eu-west-1/hash.zip' });

function file(name: string, content: string | Buffer): string {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
}

describe('the code of a function', () => {
  test('is a copy of the staged folder, a new one when something in it changed', () => {
    const staged = join(folder, 'asset');
    mkdirSync(staged);
    writeFileSync(join(staged, 'index.js'), 'one');
    const located = () => store.locate(CODE, [asset(staged)], ENVIRONMENT);
    const first = located();
    expect(first).not.toBe(staged);
    expect(readFileSync(join(first, 'index.js'), 'utf8')).toBe('one');
    expect(located()).toBe(first);
    writeFileSync(join(staged, 'index.js'), 'other');
    expect(readFileSync(join(first, 'index.js'), 'utf8')).toBe('one');
    expect(readFileSync(join(located(), 'index.js'), 'utf8')).toBe('other');
  });

  test('is unpacked once from a zip file, and removed in the end', () => {
    const zipped = asset(file('code.zip', ZIP), { packaging: 'file' });
    const unpacked = store.locate(CODE, [zipped], ENVIRONMENT);
    expect(readFileSync(join(unpacked, 'index.js'), 'utf8')).toContain('"zip"');
    expect(store.locate(CODE, [zipped], ENVIRONMENT)).toBe(unpacked);
    store.clear();
    expect(existsSync(unpacked)).toBe(false);
  });

  test('is written to a folder when it is inline', () => {
    const inline = store.locate(new Properties({ ZipFile: 'exports.handler = 1' }), [], ENVIRONMENT);
    expect(readFileSync(join(inline, 'index.js'), 'utf8')).toBe('exports.handler = 1');
  });

  test('is missed by the name of its asset and its path', () => {
    const gone = join(folder, 'gone');
    expect(() => store.locate(CODE, [asset(gone)], ENVIRONMENT)).toThrow(
      `asset 'Api/Code' is missing: '${gone}' does not exist; run 'cdk synth' again`,
    );
    const text = file('code.txt', 'x');
    expect(() => store.locate(CODE, [asset(text, { packaging: 'file' })], ENVIRONMENT)).toThrow(
      `asset 'Api/Code' is neither a folder nor a zip file: '${text}'`,
    );
  });
});

describe('unzip', () => {
  test('writes files, folders and modes', () => {
    unzip(file('code.zip', ZIP), join(folder));
    expect(readFileSync(join(folder, 'bin/run.sh'), 'utf8')).toBe('#!/bin/sh\n');
    expect(statSync(join(folder, 'bin/run.sh')).mode & 0o111).toBe(0o111);
    expect(readFileSync(join(folder, 'empty.txt'), 'utf8')).toBe('');
    expect(statSync(join(folder, 'dir')).isDirectory()).toBe(true);
  });

  test('refuses a file that would leave the folder', () => {
    mkdirSync(join(folder, 'inner'));
    expect(() => unzip(file('bad.zip', ESCAPING_ZIP), join(folder, 'inner'))).toThrow(
      "holds '../escape.js', which leaves its folder",
    );
    expect(existsSync(join(folder, 'escape.js'))).toBe(false);
  });

  test('refuses what is not a zip file', () => {
    expect(() => unzip(file('bad.zip', 'text'), folder)).toThrow("bad.zip' is not a zip file");
  });

  test('notices a damaged file, wherever it is damaged', () => {
    for (let at = 0; at < ZIP.length - 9; at += 5) {
      const damaged = Buffer.from(ZIP);
      damaged[at] = (damaged[at] ?? 0) ^ 0xff;
      const target = join(folder, `${at}`);
      mkdirSync(target);
      try {
        unzip(file('damaged.zip', damaged), target);
      } catch (error) {
        expect((error as Error).message).toMatch(
          /zip file|damaged at|packs '.*' with method|leaves its folder|unpacks to/,
        );
        continue;
      }
      // Accepted: then the damage was in what nobody reads (times, versions, local copies), and the content is whole.
      const kept = ['index.js', 'bin/run.sh'].filter((name) => existsSync(join(target, name)));
      for (const name of kept) {
        expect(readFileSync(join(target, name), 'utf8')).toMatch(
          /^(exports\.handler = async \(\) => "zip";\n){3}$|^#!\/bin\/sh\n$/,
        );
      }
    }
  });
});
