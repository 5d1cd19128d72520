import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** As in a shell outside of npm: with the Node.js that the machine has, which may be older than 24. */
const env = {
  HOME: '/nonexistent',
  PATH: (process.env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => !folder.includes('node_modules'))
    .join(delimiter),
};

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fleetmirror-command-'));
  await copyFile(join(root, 'docs/policy.yml'), join(folder, 'mine.yml'));
  await symlink(join(root, 'fleetmirror.js'), join(folder, 'fleetmirror'));
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

function run(program: string, args: readonly string[], cwd = folder): Promise<readonly [number, string, string]> {
  return new Promise((resolve) => {
    execFile(program, args, { cwd, env }, (error, stdout, stderr) =>
      resolve([error === null ? 0 : Number(error.code), stdout, stderr]),
    );
  });
}

describe('the program `fleetmirror`, as `npm link` puts it on the path', () => {
  const fleetmirror = (...args: string[]) => run(join(folder, 'fleetmirror'), args);

  test('starts by itself', async () => {
    expect(await fleetmirror('--version')).toEqual([0, '0.1.0\n', '']);
    expect(await fleetmirror('types', 't2.micro')).toEqual([0, expect.stringContaining('t2.micro  unsupported'), '']);
  });

  test('finds files in the folder that it is called from, and returns the exit code of the command', async () => {
    expect(await fleetmirror('policy', 'check', 'mine.yml')).toEqual([0, expect.stringContaining('mine.yml is'), '']);
    expect((await fleetmirror('policy', 'check', 'none.yml'))[0]).toBe(64);
  });
});

describe('`npm run fleetmirror`', () => {
  const check = ['run', '-s', 'fleetmirror', '--', 'policy', 'check'];

  test('finds files in the folder that npm is called from, beside the project or inside it', async () => {
    expect(await run('npm', ['--prefix', root, ...check, 'mine.yml'])).toEqual([
      0,
      expect.stringContaining('mine.yml is'),
      expect.any(String),
    ]);
    expect((await run('npm', [...check, 'policy.yml'], join(root, 'docs')))[0]).toBe(0);
    expect((await run('npm', [...check, 'docs/policy.yml'], root))[0]).toBe(0);
    // npm takes seconds to start where the machine is busy.
  }, 60_000);
});
