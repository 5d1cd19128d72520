import { chmod } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, build, type Plugin } from 'esbuild';

const root = fileURLToPath(new URL('.', import.meta.url));

/** zod carries its messages in fifty languages, 264 kB that no tree shaking can drop; English is the one it speaks here. */
const zodInEnglish: Plugin = {
  name: 'zod-in-english',
  setup({ onResolve }) {
    onResolve({ filter: /\/locales\/index\.js$/ }, ({ path, importer }) =>
      importer.includes('/zod/') ? { path: join(dirname(importer), dirname(path), 'en.js') } : undefined,
    );
  },
};

const shared: BuildOptions = {
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  sourcemap: 'linked',
  metafile: true,
  legalComments: 'none',
  logLevel: 'warning',
  mainFields: ['module', 'main'],
  plugins: [zodInEnglish],
};

/** A CommonJS dependency inside an ES module still calls `require` for Node's own modules. */
const requireBanner =
  "import { createRequire as createRequireOfBundle } from 'node:module';const require = createRequireOfBundle(import.meta.url);";

/** Functions carry everything with them: Lambda's own SDK moves on its own schedule, ours is pinned. */
const bundles = [
  { entry: 'functions/on-change.ts', out: 'on-change/index.mjs', minify: true },
  { entry: 'functions/on-schedule.ts', out: 'on-schedule/index.mjs', minify: true },
  // The command line runs where node_modules is, and starts parts of it (the Lambda runtime client) as programs.
  { entry: 'lib/cli/main.ts', out: 'cli.js', minify: false, packages: 'external' },
] as const;

/** Where a build reads and writes; both default to the project itself. */
export interface Places {
  readonly sourceFolder?: string;
  readonly outFolder?: string;
}

/**
 * Bundles both functions and the command line, the same bytes for the same sources, and returns one line per bundle with
 * its size. Throws when an entry does not compile.
 */
export async function buildBundles({ sourceFolder = root, outFolder = join(root, 'dist') }: Places = {}) {
  return await Promise.all(
    bundles.map(async ({ entry, out, ...options }) => {
      const outfile = join(outFolder, out);
      const banner = out === 'cli.js' ? '#!/usr/bin/env node' : requireBanner;
      const { metafile } = await build({
        ...shared,
        ...options,
        banner: { js: banner },
        entryPoints: [join(sourceFolder, entry)],
        absWorkingDir: sourceFolder,
        outfile,
      });
      if (out === 'cli.js') await chmod(outfile, 0o755);
      const sizes = Object.entries(metafile?.outputs ?? {}).filter(([path]) => !path.endsWith('.map'));
      const bytes = sizes.reduce((sum, [, output]) => sum + output.bytes, 0);
      const inputs = Object.keys(metafile?.inputs ?? {}).length;
      return `${relative(root, outfile)}  ${(bytes / 1000).toFixed(0)} kB from ${inputs} files`;
    }),
  );
}

// Not import.meta.main, which the oldest Node.js 24 does not know.
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    for (const line of await buildBundles()) console.log(line);
  } catch {
    // esbuild has said what and where.
    process.exitCode = 1;
  }
}
