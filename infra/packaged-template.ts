import { execFile } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { cp, glob, mkdir, mkdtemp, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('..', import.meta.url));
const cacheFolder = join(root, 'node_modules/.cache/fleetmirror');
/** What the plugin of serverless.yml imports from outside infra. */
const pluginImport = 'lib/core/did-you-mean.ts';
const templateFile = 'cloudformation-template-update-stack.json';

/** A resource as CloudFormation reads it, before its intrinsic functions have values. */
export interface Resource {
  readonly Type: string;
  // biome-ignore lint/suspicious/noExplicitAny: the properties of a resource are whatever its type says.
  readonly Properties: any;
  readonly DependsOn?: readonly string[];
}

/** The stack of one fleet, as `npm run package` writes it. */
export interface Template {
  readonly Parameters: Readonly<Record<string, { readonly Default: string }>>;
  readonly Conditions: Readonly<Record<string, unknown>>;
  readonly Resources: Readonly<Record<string, Resource>>;
  readonly Outputs: Readonly<Record<string, { readonly Value: unknown; readonly Export?: { readonly Name: string } }>>;
}

/** What to package: params of `serverless.yml` by name, the text of its fleet's file, and the bundles (two empty ones when none are given). */
export interface Stack {
  readonly params: Readonly<Record<string, string>>;
  readonly fleetFile?: string;
  readonly bundlesFolder?: string;
}

/**
 * Packages a stack into `outFolder`: the template and one zip per function. Works on a copy, so that it disturbs no other
 * run; offline and without credentials. Throws with what osls says when it refuses.
 */
export async function packageStack({ params, fleetFile, bundlesFolder }: Stack, outFolder: string): Promise<Template> {
  const folder = await mkdtemp(join(tmpdir(), 'fleetmirror-package-'));
  try {
    for (const name of ['serverless.yml', 'package.json', 'infra', pluginImport]) {
      await cp(join(root, name), join(folder, name), { recursive: true });
    }
    await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
    if (bundlesFolder) await cp(bundlesFolder, join(folder, 'dist'), { recursive: true });
    else for (const name of ['on-change', 'on-schedule']) await writeEmptyBundle(join(folder, 'dist', name));
    if (fleetFile !== undefined) {
      await mkdir(join(folder, 'fleets'));
      await writeFile(join(folder, 'fleets', `${params.fleet}.yml`), fleetFile);
    }
    await runOsls(folder, outFolder, params);
    return JSON.parse(await readFile(join(outFolder, templateFile), 'utf8'));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * The packaged template of a fleet, with other parameters as given; kept until `serverless.yml`, `infra` or a dependency
 * changes: 3 s once, then 1 ms.
 */
export async function readPackagedTemplate(fleet: string, others: Stack['params'] = {}): Promise<Template> {
  const params = { fleet, ...others };
  const keptFile = join(cacheFolder, `${await hashInputs(params)}.json`);
  const kept = await readFile(keptFile, 'utf8').catch(() => undefined);
  if (kept !== undefined) return JSON.parse(kept);
  const outFolder = await mkdtemp(join(tmpdir(), 'fleetmirror-template-'));
  try {
    const template = await packageStack({ params }, outFolder);
    await mkdir(cacheFolder, { recursive: true });
    // Whole or not at all: another process may read it at this moment.
    const draftFile = `${keptFile}.${randomUUID()}`;
    await writeFile(draftFile, JSON.stringify(template));
    await rename(draftFile, keptFile);
    return template;
  } finally {
    await rm(outFolder, { recursive: true, force: true });
  }
}

async function runOsls(folder: string, outFolder: string, params: Stack['params']): Promise<void> {
  const osls = join(root, 'node_modules/serverless/bin/serverless.js');
  const args = Object.entries(params).flatMap(([name, value]) => ['--param', `${name}=${value}`]);
  try {
    await promisify(execFile)(process.execPath, [osls, 'package', '--package', outFolder, ...args], { cwd: folder });
  } catch (error) {
    // osls says on standard output what is wrong.
    throw new Error(`osls package failed. ${(error as { stdout?: string }).stdout}`, { cause: error });
  }
}

async function writeEmptyBundle(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'index.mjs'), 'export const handler = async () => {};\n');
}

async function hashInputs(params: Stack['params']): Promise<string> {
  const inputs = ['serverless.yml', 'package-lock.json', 'infra/*.{yml,ts}', pluginImport];
  const files = await Array.fromAsync(glob(inputs, { cwd: root }));
  const hash = createHash('sha256').update(JSON.stringify(params));
  for (const file of files.sort()) hash.update(file).update(await readFile(join(root, file)));
  return hash.digest('hex').slice(0, 16);
}
