/** A policy too large for a parameter, in an object of S3. A file of its own, loaded only where a parameter names one. */
import { GetObjectCommand, S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { clientSettings } from './client-settings.ts';

export interface ObjectPlace {
  readonly bucket: string;
  readonly key: string;
}

/** No policy is larger; a wrong key must not fill a function's memory. */
const bytesMax = 1_000_000;

/** A batch of changes does not wait long for its policy. */
const s3ClientSettings = { ...clientSettings, maxAttempts: 2 };

/** The text of the object. Throws when it is not there, may not be read, or is larger than any policy. */
export async function readPolicyObject({ bucket, key }: ObjectPlace, settings: S3ClientConfig = {}): Promise<string> {
  const client = new S3Client({ ...s3ClientSettings, ...settings });
  try {
    const { Body, ContentLength = 0 } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    if (ContentLength > bytesMax) throw new Error(`The object holds ${ContentLength} bytes, more than any policy.`);
    return (await Body?.transformToString()) ?? '';
  } finally {
    client.destroy();
  }
}
