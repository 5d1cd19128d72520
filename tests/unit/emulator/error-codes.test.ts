import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { ec2ErrorCodes } from '../../support/ec2-error-codes.ts';

const folder = fileURLToPath(new URL('../../../lib/emulator/', import.meta.url));
/** The other services have codes of their own. */
const otherServices =
  /(parameter-store|object-store|json-services|queues|put-events|server|sts|deploy|sandbox|cloud-watch|load-balancing)\.ts$/;
const sources = globSync('**/*.ts', { cwd: folder })
  .filter((file) => !otherServices.test(file))
  .map((file) => readFileSync(`${folder}${file}`, 'utf8'))
  .join('\n');

/** The first capitalised literal of each refusal, the two spellings of not-found, and the codes of the weather. */
function codesOf(text: string): Set<string> {
  const code = /['`]([A-Z][A-Za-z]+(?:\$\{name\}[A-Za-z]+)?(?:\.[A-Za-z]+)?)['`]/g;
  const calls = [...text.matchAll(/(?:refuse|AwsError|checkId|refuseMissing)\(([^;]*?)[;)]/g)]
    .map(([, inside = '']) => inside.match(code)?.[0])
    .filter((each) => each !== undefined);
  const tables = [...text.matchAll(/(?:documented|observed): ('[^']+')/g)].map(([, each = '']) => each);
  const weather = text.match(/CODES_DEFAULT = \[([^\]]*)\]/)?.[1]?.match(code) ?? [];
  return new Set([...calls, ...tables, ...weather].map((each) => each.slice(1, -1).replace('$', '')));
}

test('every error code of the emulated EC2 has a source, and every source is used', () => {
  const known = Object.values(ec2ErrorCodes).flat();
  expect([...codesOf(sources)].sort()).toEqual([...known].sort());
  expect(new Set(known).size).toBe(known.length);
});
