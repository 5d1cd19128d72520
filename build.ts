import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, build } from 'esbuild';
import {
  cloudWatchApart,
  credentialsFromEnvironment,
  policyObjectApart,
  schemasThatShake,
  tracerApart,
  yamlApart,
  zodInEnglish,
} from './infra/bundle-plugins.ts';

const root = fileURLToPath(new URL('.', import.meta.url));

/** A CommonJS dependency inside an ES module still calls `require` for Node's own modules. */
const requireBanner =
  "import { createRequire as createRequireOfBundle } from 'node:module';const require = createRequireOfBundle(import.meta.url);";

/** How the code of a function is bundled. It carries everything with it: Lambda's own SDK moves on its own schedule, ours is pinned. */
export const functionOptions: BuildOptions = {
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  sourcemap: 'linked',
  metafile: true,
  legalComments: 'none',
  logLevel: 'warning',
  mainFields: ['module', 'main'],
  minify: true,
  banner: { js: requireBanner },
  plugins: [
    zodInEnglish,
    schemasThatShake,
    credentialsFromEnvironment,
    tracerApart,
    policyObjectApart,
    cloudWatchApart,
    yamlApart,
  ],
};

interface Bundle {
  readonly entry: string;
  readonly out: string;
  /** What costs a cold start: the build fails above it. A tenth more than it is; raise it only with a reason. */
  readonly kilobytesMax: number;
}

/** What both functions have beside them, and load when they need it. */
const parts = [
  { entry: 'functions/traced.ts', file: 'traced.mjs', kilobytesMax: 145 },
  { entry: 'lib/aws/policy-object.ts', file: 'policy-object.mjs', kilobytesMax: 260 },
  { entry: 'lib/core/policy-document.ts', file: 'policy-document.mjs', kilobytesMax: 130 },
];

const bundles: readonly Bundle[] = [
  { entry: 'functions/on-change.ts', out: 'on-change/index.mjs', kilobytesMax: 530 },
  // With the client of S3 and the report page; nobody waits for a sweep.
  { entry: 'functions/on-schedule.ts', out: 'on-schedule/index.mjs', kilobytesMax: 765 },
  ...parts.flatMap(({ entry, file, kilobytesMax }) =>
    ['on-change', 'on-schedule'].map((name) => ({
      entry,
      out: `${name}/${file}`,
      kilobytesMax,
    })),
  ),
  { entry: 'lib/aws/cloud-watch.ts', out: 'on-schedule/cloud-watch.mjs', kilobytesMax: 197 },
];

/** Where a build reads and writes; both default to the project itself. */
export interface Places {
  readonly sourceFolder?: string;
  readonly outFolder?: string;
}

/**
 * Bundles both functions, the same bytes for the same sources, and returns one line per bundle with
 * its size. Throws when an entry does not compile, or when a bundle is above its budget.
 */
export async function buildBundles({ sourceFolder = root, outFolder = join(root, 'dist') }: Places = {}) {
  return await Promise.all(
    bundles.map(async ({ entry, out, kilobytesMax }) => {
      const outfile = join(outFolder, out);
      const { metafile } = await build({
        ...functionOptions,
        entryPoints: [join(sourceFolder, entry)],
        absWorkingDir: sourceFolder,
        outfile,
      });
      const sizes = Object.entries(metafile?.outputs ?? {}).filter(([path]) => !path.endsWith('.map'));
      const kilobytes = sizes.reduce((sum, [, output]) => sum + output.bytes, 0) / 1000;
      const inputs = Object.keys(metafile?.inputs ?? {}).length;
      const line = `${relative(root, outfile)}  ${kilobytes.toFixed(0)} kB from ${inputs} files`;
      if (kilobytes > kilobytesMax) throw new Error(`${line}: more than its budget of ${kilobytesMax} kB (build.ts).`);
      return line;
    }),
  );
}

// Not import.meta.main, which the oldest Node.js 24 does not know.
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    for (const line of await buildBundles()) console.log(line);
  } catch (error) {
    // What does not compile esbuild has told already, what and where.
    if (!(error instanceof Error && 'errors' in error)) console.error(String(error));
    process.exitCode = 1;
  }
}
