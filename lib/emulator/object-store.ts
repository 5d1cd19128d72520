import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { AwsError, refuse } from './aws-error.ts';
import type { Access } from './iam-statement.ts';

/** A request to S3 in path style: `/bucket/key`. */
export interface ObjectRequest {
  readonly method: string;
  /** With the query, as it was sent. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Buffer;
}

export interface ObjectAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** One version of an object. */
export interface StoredObject {
  readonly body: Buffer;
  readonly contentType: string;
  readonly contentEncoding: string | undefined;
}

/** S3 as far as one program puts objects there and reads them again. */
export interface ObjectStore {
  readonly handle: (request: ObjectRequest) => ObjectAnswer;
  readonly createBucket: (bucket: string) => void;
  /** The versions of each object by `bucket/key`, the latest last. */
  readonly objects: ReadonlyMap<string, readonly StoredObject[]>;
}

export interface ObjectStoreOptions {
  /** Refuses with `AccessDenied` what the caller may not do. */
  readonly authorize?: (access: Access, authorization: string | undefined) => void;
}

/** An empty S3: PutObject and GetObject on buckets that were created before, every version kept. */
export function createObjectStore({ authorize = () => {} }: ObjectStoreOptions = {}): ObjectStore {
  const buckets = new Set<string>();
  const objects = new Map<string, readonly StoredObject[]>();

  const perform = ({ method, url, headers, body }: ObjectRequest): ObjectAnswer => {
    const [bucket = '', ...rest] = new URL(url, 'http://s3').pathname.slice(1).split('/').map(decodeURIComponent);
    const key = rest.join('/');
    if (key === '') refuse('NotImplemented', 'A header or query implies functionality that is not emulated.', 501);
    const name = `${bucket}/${key}`;
    const check = (action: string) =>
      authorize({ action, resource: `arn:aws:s3:::${name}`, context: {} }, headers.authorization);
    if (method === 'PUT') {
      check('s3:PutObject');
      if (!buckets.has(bucket)) refuse('NoSuchBucket', 'The specified bucket does not exist', 404);
      checkDigest(headers['x-amz-checksum-crc32'], body);
      const contentType = headers['content-type'] ?? 'binary/octet-stream';
      const version = { body, contentType, contentEncoding: headers['content-encoding'] };
      objects.set(name, [...(objects.get(name) ?? []), version]);
      return { status: 200, headers: { etag: etagOf(body) }, body: Buffer.alloc(0) };
    }
    if (method === 'GET') {
      check('s3:GetObject');
      if (!buckets.has(bucket)) refuse('NoSuchBucket', 'The specified bucket does not exist', 404);
      const found = objects.get(name)?.at(-1) ?? refuse('NoSuchKey', 'The specified key does not exist.', 404);
      const { contentType, contentEncoding } = found;
      const encoding = contentEncoding === undefined ? {} : { 'content-encoding': contentEncoding };
      return {
        status: 200,
        headers: { 'content-type': contentType, ...encoding, etag: etagOf(found.body) },
        body: found.body,
      };
    }
    return refuse('MethodNotAllowed', 'The specified method is not allowed against this resource.', 405);
  };

  return {
    objects,
    createBucket: (bucket) => {
      buckets.add(bucket);
    },
    handle: (request) => {
      try {
        return perform(request);
      } catch (error) {
        if (!(error instanceof AwsError)) throw error;
        const text = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${error.code}</Code><Message>${error.message}</Message></Error>`;
        return { status: error.status, headers: { 'content-type': 'application/xml' }, body: Buffer.from(text) };
      }
    },
  };
}

function checkDigest(sent: string | undefined, body: Buffer): void {
  if (sent === undefined) return;
  const digest = Buffer.alloc(4);
  digest.writeUInt32BE(crc32(body));
  if (digest.toString('base64') !== sent) refuse('BadDigest', 'The CRC32 you specified did not match.');
}

function etagOf(body: Buffer): string {
  return `"${createHash('md5').update(body).digest('hex')}"`;
}
