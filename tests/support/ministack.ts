import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** Its releases come weekly and change behaviour: one of them has been looked at. */
const version = '1.5.33';
const cacheFolder =
  process.env.WITNESS_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'fleetmirror');
const launcher = fileURLToPath(new URL('../witness/serve_ministack.py', import.meta.url));
/** From a start to the first answer; about one second on an idle machine. */
const startMaxMs = 60_000;

/** An AWS that nobody here wrote. */
export interface MiniStack {
  readonly endpoint: string;
  /** What it has written so far. */
  readonly log: () => string;
  readonly close: () => Promise<void>;
}

/** Installs MiniStack outside the tree, once for a machine, and starts it on a loopback port. Throws when it cannot. */
export async function startMiniStack(): Promise<MiniStack> {
  const python = await install();
  const port = await findFreePort();
  const folder = await mkdtemp(join(tmpdir(), 'fleetmirror-ministack-'));
  const child = spawn(python, [launcher], {
    cwd: folder,
    env: {
      // Functions run under the Node.js that runs this, as the template asks for 24.
      PATH: `${dirname(process.execPath)}:${process.env.PATH}`,
      TMPDIR: folder,
      HOME: folder,
      BIND_HOST: '127.0.0.1',
      MINISTACK_HOST: '127.0.0.1',
      GATEWAY_PORT: String(port),
      MINISTACK_ACCOUNT_ID: '123456789012',
      MINISTACK_REGION: 'us-east-1',
      IOT_MTLS_ENABLED: '0',
      SFTP_ENABLED: '0',
    },
    // Standard input is the lifeline: serve_ministack.py ends when it closes.
    stdio: ['pipe', 'pipe', 'pipe'],
    // A group of its own, so that its functions end with it.
    detached: true,
  });
  let written = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (written += String(chunk)));
  const close = async () => {
    await end(child);
    await rm(folder, { recursive: true, force: true });
  };
  const endpoint = `http://127.0.0.1:${port}`;
  try {
    await waitForAnswer(endpoint, child);
  } catch (cause) {
    await close();
    throw new Error(`MiniStack ${version} did not start:\n${written}`, { cause });
  }
  return { endpoint, log: () => written, close };
}

async function install(): Promise<string> {
  const folder = join(cacheFolder, `ministack-${version}`);
  const python = join(folder, 'bin/python');
  const run = promisify(execFile);
  const isThere = await access(join(folder, 'bin/ministack')).then(
    () => true,
    () => false,
  );
  if (!isThere) {
    await run('python3', ['-m', 'venv', folder]);
    await run(join(folder, 'bin/pip'), ['-q', '--disable-pip-version-check', 'install', `ministack==${version}`]);
  }
  return python;
}

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function waitForAnswer(endpoint: string, child: ChildProcess): Promise<void> {
  const deadline = Date.now() + startMaxMs;
  for (;;) {
    const answer = await fetch(`${endpoint}/_ministack/health`).catch(() => undefined);
    if (answer?.ok) return;
    if (child.exitCode !== null) throw new Error(`It ended with status ${child.exitCode}.`);
    if (Date.now() > deadline) throw new Error(`It did not answer within ${startMaxMs} ms.`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null) return;
  const exited = once(child, 'exit');
  process.kill(-child.pid, 'SIGKILL');
  await exited;
}
