import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { buildBundles } from '../../build.ts';
import { packageStack, type Template } from '../../infra/packaged-template.ts';

const names = ['on-change', 'on-schedule'];
let folder: string;
let templates: readonly Template[];

/** Everything twice, one after the other, since clocks and orders are what differs between two runs. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fleetmirror-test-'));
  const packaged: Template[] = [];
  for (const run of ['first', 'second']) {
    await buildBundles({ outFolder: join(folder, run, 'bundles') });
    const stack = { params: { fleet: 'prod' }, bundlesFolder: join(folder, run, 'bundles') };
    packaged.push(await packageStack(stack, join(folder, run, 'package')));
  }
  templates = packaged;
  // Packaging reads the whole of node_modules; a busy machine needs more than a minute for two.
}, 300_000);

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function hash(path: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(join(folder, path)))
    .digest('hex');
}

/** The names in a zip's central directory: each header begins with PK\1\2, has its length at 28 and its name at 46. */
async function listZip(path: string): Promise<string[]> {
  const bytes = await readFile(join(folder, path));
  const found: string[] = [];
  for (let at = bytes.indexOf('PK\x01\x02', 0, 'latin1'); at >= 0; at = bytes.indexOf('PK\x01\x02', at + 4, 'latin1')) {
    found.push(bytes.toString('utf8', at + 46, at + 46 + bytes.readUInt16LE(at + 28)));
  }
  return found;
}

describe.each(names)('%s', (name) => {
  test('is the same bundle and the same zip in every run', async () => {
    expect(await hash(`first/bundles/${name}/index.mjs`)).toBe(await hash(`second/bundles/${name}/index.mjs`));
    expect(await hash(`first/package/${name}.zip`)).toBe(await hash(`second/package/${name}.zip`));
  });

  test('ships the function and, apart, what few load; without source maps', async () => {
    expect(await listZip(`first/package/${name}.zip`)).toEqual([
      ...(name === 'on-schedule' ? [`dist/${name}/cloud-watch.mjs`] : []),
      `dist/${name}/index.mjs`,
      `dist/${name}/policy-document.mjs`,
      `dist/${name}/policy-object.mjs`,
      `dist/${name}/traced.mjs`,
    ]);
    expect(await readdir(join(folder, 'first/bundles', name))).toContain('index.mjs.map');
  });

  test('stays far below the 50 MB that Lambda takes', async () => {
    const bytes = await readFile(join(folder, `first/package/${name}.zip`));
    expect(bytes.length).toBeLessThan(2_000_000);
  });

  test('names no account, key or endpoint of anybody', async () => {
    const code = await readFile(join(folder, 'first/bundles', name, 'index.mjs'), 'utf8');
    expect(code.match(/\barn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:\d{12}:/g)).toBeNull();
    expect(code.match(/["'`/]\d{12}["'`/]/g)).toBeNull();
    expect(code.match(/\b(AKIA|ASIA)[A-Z0-9]{16}\b/g)).toBeNull();
    // GovCloud's are in the SDK's own rules.
    expect(code.match(/\b[a-z]{2}-(?!gov-)[a-z]+-\d\.amazonaws\.com/g)).toBeNull();
    expect(
      code.match(/\blocalhost:\d+|127\.0\.0\.1:\d+/g)?.filter((address) => address !== '127.0.0.1:2000') ?? [],
    ).toEqual([]);
  });
});

test('two runs write the same template but for the folder of the artifacts', () => {
  const [first, second] = templates.map((template) =>
    JSON.stringify(template).replaceAll(/serverless\/fleetmirror\/main\/[^/]+\//g, ''),
  );
  expect(first).toBe(second);
});

test('FLEETMIRROR_PARAMS: a rate that AWS would refuse late is refused early', async () => {
  const params = { fleet: 'prod', sweepEvery: '1 minutes' };
  await expect(packageStack({ params }, join(folder, 'refused'))).rejects.toThrow('"1 minutes" is no rate');
});
