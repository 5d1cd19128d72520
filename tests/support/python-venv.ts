import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** A folder with programs of Python, or why there is none. */
export type Venv =
  | { readonly isHere: true; readonly bin: string }
  | { readonly isHere: false; readonly because: string };

/** Installs one pinned requirement of PyPI outside the tree, once for this machine; never throws. */
export function installVenv(name: string, requirement: string, program: string): Venv {
  const cache =
    process.env.WITNESS_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'fleetmirror');
  const bin = join(cache, name, 'bin');
  if (existsSync(join(bin, program))) return { isHere: true, bin };
  const steps: readonly (readonly [string, readonly string[]])[] = [
    ['python3', ['-m', 'venv', join(cache, name)]],
    [join(bin, 'pip'), ['-q', '--disable-pip-version-check', 'install', requirement]],
  ];
  for (const [command, options] of steps) {
    const { status, error, stderr } = spawnSync(command, [...options], { encoding: 'utf8' });
    if (status !== 0) return { isHere: false, because: `${command} ${options.join(' ')}: ${error ?? stderr}` };
  }
  return { isHere: true, bin };
}
