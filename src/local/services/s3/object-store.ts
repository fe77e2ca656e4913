/** The objects of the local S3: their bytes in files of a temporary folder, what is known of them in memory. */
import { createHash, randomUUID } from 'node:crypto';
import { appendFileSync, copyFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../clock';

/** Headers that belong to an object: lower-case names, `x-amz-meta-…` among them. */
export type ObjectHeaders = Readonly<Record<string, string>>;

/** Bytes that have arrived, in a file of their own. */
export interface ReceivedBytes {
  readonly file: string;
  readonly size: number;
  /** In hexadecimal digits. */
  readonly md5: string;
  /** By the name of their header. @default - none */
  readonly checksums?: ObjectHeaders;
}

export interface StoredObject {
  readonly file: string;
  readonly size: number;
  /** Without quotation marks. */
  readonly etag: string;
  readonly headers: ObjectHeaders;
  /** By the name of their header, what was told of the bytes when they arrived. @default - nothing */
  readonly checksums?: ObjectHeaders;
  /** Milliseconds since the Unix epoch. */
  readonly lastModified: number;
}

interface Upload {
  readonly folder: string;
  readonly key: string;
  readonly headers: ObjectHeaders;
  readonly parts: Map<number, ReceivedPart>;
  /** Milliseconds since the Unix epoch. */
  readonly begunAt: number;
}

interface ReceivedPart extends ReceivedBytes {
  /** Milliseconds since the Unix epoch. */
  readonly receivedAt: number;
}

/** A part that the end of an upload names. */
export interface NamedPart {
  readonly number: number;
  readonly etag: string;
}

/** Buckets are known by an id: one that was made anew under an old name is empty. */
export class ObjectStore {
  private base: string | undefined;
  private readonly buckets = new Map<string, Map<string, StoredObject>>();
  private readonly uploads = new Map<string, Upload>();

  /** @param onFolder told the temporary folder, for whoever removes it when nobody can call `close()` */
  public constructor(private readonly onFolder: (folder: string) => void = () => undefined) {}

  /** A file for bytes that are about to arrive. */
  public newFile(): string {
    if (this.base === undefined) {
      this.base = mkdtempSync(join(tmpdir(), 'local-s3-'));
      this.onFolder(this.base);
    }
    return join(this.base, randomUUID());
  }

  /** Stores what has arrived in a file of {@link newFile}, which is the object's from now on. */
  public put(
    bucketId: string,
    key: string,
    { checksums = {}, file, md5, size }: ReceivedBytes,
    headers: ObjectHeaders,
  ): StoredObject {
    return this.store(bucketId, key, { file, size, etag: md5, headers, checksums });
  }

  /** The object of this key, or undefined. */
  public find(bucketId: string, key: string): StoredObject | undefined {
    return this.buckets.get(bucketId)?.get(key);
  }

  /** A copy under another key, with headers of its own. */
  public copy(source: StoredObject, bucketId: string, key: string, headers: ObjectHeaders): StoredObject {
    const file = this.newFile();
    copyFileSync(source.file, file);
    const { checksums = {}, etag, size } = source;
    return this.store(bucketId, key, { file, size, etag, headers, checksums });
  }

  /** Removes an object, if there is one. */
  public delete(bucketId: string, key: string): void {
    const objects = this.buckets.get(bucketId);
    const object = objects?.get(key);
    if (object === undefined) return;
    objects?.delete(key);
    rmSync(object.file, { force: true });
  }

  /** Deletes all objects of a bucket. */
  public empty(bucketId: string): void {
    for (const key of this.keys(bucketId)) this.delete(bucketId, key);
  }

  /**
   * Puts objects and deletes those whose key `isGone`. What is there already stays as it is.
   * @returns what brings back the objects of before
   */
  public change(
    bucketId: string,
    objects: ReadonlyMap<string, { readonly content: Buffer; readonly headers: ObjectHeaders }>,
    isGone: (key: string) => boolean,
  ): () => void {
    const before = new Map<string, { readonly content: Buffer; readonly headers: ObjectHeaders } | undefined>();
    const remember = (key: string, found = this.find(bucketId, key)) =>
      before.set(key, found && { content: readFileSync(found.file), headers: found.headers });
    for (const [key, { content, headers }] of objects) {
      const etag = createHash('md5').update(content).digest('hex');
      const found = this.find(bucketId, key);
      if (found?.etag === etag && JSON.stringify(found.headers) === JSON.stringify(headers)) continue;
      remember(key, found);
      const file = this.newFile();
      writeFileSync(file, content);
      this.store(bucketId, key, { file, size: content.length, etag, headers });
    }
    for (const key of this.keys(bucketId)) {
      if (objects.has(key) || !isGone(key)) continue;
      remember(key);
      this.delete(bucketId, key);
    }
    return () => {
      const kept = [...before].flatMap(([key, object]) => (object ? [[key, object] as const] : []));
      this.change(bucketId, new Map(kept), (key) => before.has(key));
    };
  }

  public hasObjects(bucketId: string): boolean {
    return (this.buckets.get(bucketId)?.size ?? 0) > 0;
  }

  /** Keys in the order of their UTF-8 bytes, as S3 lists them. */
  public keys(bucketId: string): string[] {
    return [...(this.buckets.get(bucketId)?.keys() ?? [])].sort((left, right) =>
      Buffer.compare(Buffer.from(left), Buffer.from(right)),
    );
  }

  /** Begins an upload in parts; gives its id. */
  public begin(bucketId: string, key: string, headers: ObjectHeaders): string {
    const id = randomUUID().replaceAll('-', '');
    this.uploads.set(id, { folder: bucketId, key, headers, parts: new Map(), begunAt: systemClock.now() });
    return id;
  }

  /** The parts that have arrived, by number; undefined when there is no such upload. */
  public parts(uploadId: string, bucketId: string, key: string): ReadonlyMap<number, ReceivedPart> | undefined {
    return this.upload(uploadId, bucketId, key)?.parts;
  }

  /** A part of an upload, in the place of one of its number. */
  public addPart(uploadId: string, number: number, { file, md5, size }: ReceivedBytes): void {
    const parts = this.uploads.get(uploadId)?.parts;
    const replaced = parts?.get(number);
    parts?.set(number, { file, md5, size, receivedAt: systemClock.now() });
    if (replaced) rmSync(replaced.file, { force: true });
  }

  /** What has begun and not ended, by key and then by id. */
  public uploadsOf(
    bucketId: string,
  ): readonly { readonly id: string; readonly key: string; readonly begunAt: number }[] {
    return [...this.uploads]
      .flatMap(([id, { begunAt, folder, key }]) => (folder === bucketId ? [{ id, key, begunAt }] : []))
      .sort(
        (left, right) => Buffer.compare(Buffer.from(left.key), Buffer.from(right.key)) || (left.id < right.id ? -1 : 1),
      );
  }

  /** Makes one object of the named parts, which must all have arrived. */
  public complete(uploadId: string, bucketId: string, key: string, named: readonly NamedPart[]): StoredObject {
    const upload = this.upload(uploadId, bucketId, key);
    const file = this.newFile();
    const digest = createHash('md5');
    const parts = named.flatMap(({ number }) => upload?.parts.get(number) ?? []);
    appendFileSync(file, '');
    for (const part of parts) {
      appendFileSync(file, readFileSync(part.file));
      digest.update(part.md5, 'hex');
    }
    this.abort(uploadId);
    const etag = `${digest.digest('hex')}-${parts.length}`;
    return this.store(bucketId, key, { file, size: statSync(file).size, etag, headers: upload?.headers ?? {} });
  }

  /** Forgets an upload and its parts. */
  public abort(uploadId: string): void {
    for (const { file } of this.uploads.get(uploadId)?.parts.values() ?? []) rmSync(file, { force: true });
    this.uploads.delete(uploadId);
  }

  /** Removes the temporary folder. */
  public close(): void {
    if (this.base !== undefined) rmSync(this.base, { recursive: true, force: true });
    this.base = undefined;
    this.buckets.clear();
    this.uploads.clear();
  }

  private upload(uploadId: string, bucketId: string, key: string): Upload | undefined {
    const upload = this.uploads.get(uploadId);
    return upload?.folder === bucketId && upload.key === key ? upload : undefined;
  }

  private store(bucketId: string, key: string, object: Omit<StoredObject, 'lastModified'>): StoredObject {
    const objects = this.buckets.get(bucketId) ?? new Map<string, StoredObject>();
    this.buckets.set(bucketId, objects);
    const replaced = objects.get(key);
    const stored = { ...object, lastModified: systemClock.now() };
    objects.set(key, stored);
    if (replaced) rmSync(replaced.file, { force: true });
    return stored;
  }
}
