import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Every witness that is a Jest test, and what it says when it is not here. */
const witnesses = [
  { file: 'moto', says: 'moto is not here, its verdicts are skipped' },
  { file: 'winterbaume', says: 'winterbaume is not here, its verdicts are skipped' },
  { file: 'event-ruler', says: 'Event Ruler cannot be built, its verdicts are skipped' },
  { file: 'ministack', says: 'MiniStack is not here, the deployment is not tried' },
] as const;

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fleetmirror-absence-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Runs one witness on a machine that has no program but Node.js, with an empty or a given cache. */
function run(file: string, CI: string | undefined) {
  const jest = join(root, 'node_modules/jest/bin/jest.js');
  const { CI: _, E2E_ENDPOINT: __, ...env } = process.env;
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--experimental-vm-modules', jest, '--testMatch', join(root, `tests/witness/${file}.test.ts`)],
    {
      cwd: root,
      encoding: 'utf8',
      env: { ...env, PATH: join(folder, 'nothing'), WITNESS_CACHE: folder, ...(CI !== undefined && { CI }) },
    },
  );
  return { status, text: `${stdout}${stderr}` };
}

describe.each(witnesses)('On a machine without a way to install it, $file', ({ file, says }) => {
  test('fails in CI and says which witness is missing', () => {
    const { status, text } = run(file, 'true');
    expect([status, text]).toEqual([1, expect.stringContaining(says)]);
  });

  test('is skipped elsewhere, loudly', () => {
    const { status, text } = run(file, undefined);
    expect([status, text]).toEqual([0, expect.stringContaining(says)]);
    expect(text).toMatch(/Tests: +\d+ skipped, \d+ passed/);
  });
});

describe('A witness that is installed and does not start', () => {
  beforeEach(() => {
    const bin = join(folder, 'moto-5.2.5', 'bin');
    mkdirSync(bin, { recursive: true });
    writeFileSync(join(bin, 'moto_server'), '#!/bin/sh\necho no module named moto >&2\nexit 1\n');
    chmodSync(join(bin, 'moto_server'), 0o755);
  });

  test('fails in CI with what it said', () => {
    const { status, text } = run('moto', 'true');
    expect([status, text]).toEqual([1, expect.stringContaining('no module named moto')]);
  });

  test('is skipped elsewhere with what it said', () => {
    const { status, text } = run('moto', undefined);
    expect([status, text]).toEqual([0, expect.stringContaining('no module named moto')]);
  });
});
