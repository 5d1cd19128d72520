/** The arrows of ARCHITECTURE.md, as the linter knows them: what would break one is refused, what keeps it is not. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';

const root = fileURLToPath(new URL('../..', import.meta.url));
const biome = join(root, 'node_modules/@biomejs/biome/bin/biome');
const settings = ['biome.json', 'lib/no-clock.grit', 'lib/core/no-async.grit'];

const imports = (name: string) => `import { it } from '${name}';\nexport const made = it;\n`;
const makes = (expression: string) => `export const made = ${expression};\n`;

/** By folder: what its files may not hold. */
const refused: Readonly<Record<string, readonly string[]>> = {
  'lib/core': [
    ...['../apply.ts', '../ports.ts', 'node:crypto', 'node:fs', '@aws-sdk/client-ec2'].map(imports),
    ...['Date.now()', 'new Date()', 'Math.random()', 'performance.now()', 'process.env', 'crypto.randomUUID()'].map(
      makes,
    ),
    ...['async () => 1', 'setTimeout(() => {}, 1)', 'queueMicrotask(() => {})', 'Promise.resolve(1)'].map(makes),
    'export async function make(): Promise<number> {\n  return 1;\n}\n',
  ],
  lib: [
    ...['./aws/ec2.ts', './emulator/account.ts', './cli/main.ts', './capture/vxlan.ts', '../functions/observed.ts'],
    ...['node:fs', 'node:http', '@smithy/core', '@aws-sdk/client-ec2', '@middy/core'],
  ]
    .map(imports)
    .concat(['Date.now()', 'Math.random()', 'process.env', 'fetch("http://127.0.0.1")'].map(makes)),
  'lib/aws': [
    ...['change', 'reconcile', 'sweep', 'apply', 'announce', 'teardown', 'task'].map((name) => `../${name}.ts`),
    ...['../report/asff.ts', '../emulator/account.ts', '../cli/main.ts', '../../functions/observed.ts'],
  ].map(imports),
  'lib/capture': ['../ports.ts', '../aws/ec2.ts', '@aws-sdk/client-ec2', 'node:net'].map(imports),
  'lib/report': [
    ...['../ports.ts', '@aws-sdk/client-ec2', 'node:fs', 'node:http'].map(imports),
    ...['new Date()', 'process.env'].map(makes),
  ],
  'lib/emulator': ['../core/model.ts', '../ports.ts', '../aws/ec2.ts'].map(imports),
  'lib/emulator/actions': ['../../core/model.ts', '../../ports.ts'].map(imports),
  'lib/cli': ['@aws-sdk/client-ec2', '@smithy/core', '../../functions/observed.ts'].map(imports),
  functions: ['../lib/emulator/emulator.ts', '../lib/cli/main.ts', '../lib/report/asff.ts', '@aws-sdk/client-ec2'].map(
    imports,
  ),
};

/** By folder: what its files may hold. */
const allowed: typeof refused = {
  'lib/core': [...['./model.ts', 'zod/mini'].map(imports), makes('Math.max(1, 2)'), makes('[1].map((one) => one)')],
  lib: [...['./ports.ts', './core/model.ts', './report/report-page.ts'].map(imports), makes('new Date(5)')],
  'lib/aws': ['../ports.ts', '../failure.ts', '../core/model.ts', '@aws-sdk/client-ec2'].map(imports),
  'lib/capture': ['../core/packet.ts', 'node:fs/promises'].map(imports),
  'lib/report': ['../core/report-schema.ts', 'd3-scale'].map(imports),
  'lib/emulator': ['./account.ts', '@smithy/core/schema', 'node:http'].map(imports),
  'lib/cli': ['../aws/connect.ts', '../emulator/emulator.ts', '../reconcile.ts', 'node:fs'].map(imports),
  functions: ['../lib/aws/world.ts', '../lib/change.ts', '../lib/core/limits.ts', '@middy/core'].map(imports),
};

/** Puts each text into a file of its folder and returns the `folder: text` of those that the linter refuses. */
function lint(texts: typeof refused): readonly string[] {
  const copy = mkdtempSync(join(tmpdir(), 'fleetmirror-arrows-'));
  try {
    for (const file of settings) cpSync(join(root, file), join(copy, file));
    const files = Object.entries(texts).flatMap(([folder, list]) =>
      list.map((text, index) => ({ path: `${folder}/zz-${index}.ts`, text, told: `${folder}: ${text}` })),
    );
    for (const { path, text } of files) {
      mkdirSync(dirname(join(copy, path)), { recursive: true });
      writeFileSync(join(copy, path), text);
    }
    const args = ['lint', '--vcs-enabled=false', '--max-diagnostics=none', '--reporter=json'];
    const { stdout } = spawnSync(process.execPath, [biome, ...args], { cwd: copy, encoding: 'utf8' });
    const { diagnostics } = JSON.parse(stdout) as {
      readonly diagnostics: readonly { readonly severity: string; readonly location: { readonly path: string } }[];
    };
    const isError = new Set(
      diagnostics.filter(({ severity }) => severity === 'error').map(({ location }) => location.path),
    );
    return files.filter(({ path }) => isError.has(path)).map(({ told }) => told);
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

const tellAll = (texts: typeof refused) =>
  Object.entries(texts).flatMap(([folder, list]) => list.map((text) => `${folder}: ${text}`));

test('what breaks an arrow, or takes time and chance from elsewhere than the ports, is refused', () => {
  expect(lint(refused)).toEqual(tellAll(refused));
});

test('what keeps them is not', () => {
  expect(lint(allowed)).toEqual([]);
});
