/** The bucket of coverage reports: `reports/<fleet>/<date>/<time>.json` and `.html`, compressed, never written over. */
import { promisify } from 'node:util';
import { gunzipSync, gzip } from 'node:zlib';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { type CoverageReport, openFindingsSchema } from '../core/report-schema.ts';
import { verdicts } from '../failure.ts';
import type { Reports } from '../ports.ts';
import { giveUpAfter, silenceMsMax } from './client-settings.ts';
import { toEc2Failure } from './ec2-errors.ts';

export interface ReportPlace {
  readonly bucket: string;
  readonly fleet: string;
}

/**
 * A sweep does not wait long for its report. Over TLS a socket looks idle while one large body goes through it, however
 * fast, so that its limit must be longer than any upload takes.
 */
const s3ClientSettings = { ...giveUpAfter(silenceMsMax, 60_000), maxAttempts: 2 };

/** Bytes that are sent in a millisecond at the least: a report of 100 MB has 27 s, one of 1 MB has 7 s. */
const bytesPerMsMin = 5000;

/** Where a fleet's reports are kept. */
export function createReports({ bucket, fleet }: ReportPlace, client = new S3Client(s3ClientSettings)): Reports {
  const folder = `reports/${fleet}`;
  const put = async (key: string, text: string, type: string) => {
    const Body = await promisify(gzip)(text);
    const head = { ContentType: `${type}; charset=utf-8`, ContentEncoding: 'gzip' };
    await client.send(new PutObjectCommand({ Bucket: bucket, Key: `${folder}/${key}`, Body, ...head }), {
      requestTimeout: silenceMsMax + Body.length / bytesPerMsMin,
    });
  };
  return {
    async keep(report, page, open) {
      const name = nameOf(report);
      await put(`${name}.json`, JSON.stringify(report), 'application/json');
      await put(`${name}.html`, page, 'text/html');
      await put('gaps.json', JSON.stringify(open), 'application/json');
    },
    async recallOpen() {
      try {
        const answer = await client.send(new GetObjectCommand({ Bucket: bucket, Key: `${folder}/gaps.json` }));
        const bytes = await answer.Body?.transformToByteArray();
        if (bytes === undefined) return undefined;
        return openFindingsSchema.parse(JSON.parse(gunzipSync(bytes).toString()));
      } catch (error) {
        // A bucket that does not answer may hold one: to begin anew would write over it.
        if (verdicts[toEc2Failure('s3:GetObject', error).kind] === 'retry-now') throw error;
        // None yet (S3 calls that forbidden, since the function may not list), or unreadable: gaps begin now, then, and none is told as closed.
        return undefined;
      }
    },
  };
}

/** `2026-03-01/120000Z`: reports of one day beside each other, in the order of time. */
function nameOf({ takenAt }: CoverageReport): string {
  return `${takenAt.slice(0, 10)}/${takenAt.slice(11, 19).replaceAll(':', '')}Z`;
}
