/** What esbuild leaves out of the functions' bundles: each plugin drops code that a deployed function never runs. */
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Plugin } from 'esbuild';

/** zod carries its messages in fifty languages, 264 kB that no tree shaking can drop; English is the one it speaks here. */
export const zodInEnglish: Plugin = {
  name: 'zod-in-english',
  setup({ onResolve }) {
    onResolve({ filter: /\/locales\/index\.js$/ }, ({ path, importer }) =>
      importer.includes('/zod/') ? { path: join(dirname(importer), dirname(path), 'en.js') } : undefined,
    );
  },
};

/**
 * The schemas of all EC2 actions are 556 kB, of which we use 38. esbuild keeps them all, because `[_xN]: …` might run
 * code: `_xN` could be an object with a `toString` of its own. It is a constant text of the same file, so it is written
 * out, and tree shaking does the rest.
 */
export const schemasThatShake: Plugin = {
  name: 'schemas-that-shake',
  setup({ onLoad }) {
    onLoad({ filter: /\/@aws-sdk\/[\w-]+\/dist-es\/schemas\/schemas_0\.js$/ }, async ({ path }) => ({
      contents: forgetErrors(writeOutKeys(await readFile(path, 'utf8'))),
      loader: 'js',
    }));
  },
};

/** `const _xN = "xmlName"; … { [_xN]: 1 }` → `… { "xmlName": 1 }`. Keys that are no such constant stay as they are. */
export function writeOutKeys(source: string): string {
  const texts = new Map([...source.matchAll(/^const (_\w+) = ("[^"\\]*");$/gm)].map(([, name, text]) => [name, text]));
  return source.replaceAll(/\[(_\w+)\]:/g, (key, name: string) => (texts.has(name) ? `${texts.get(name)}:` : key));
}

/**
 * Takes the error classes out of a client, two hundred in that of the Parameter Store. An error of a class that is not
 * there is one of the client's base class, with the same name, message and status; so ask for the name, not the class.
 */
export function forgetErrors(source: string): string {
  return source.replaceAll(/^n0_registry\.registerError\(.*\);$/gm, '');
}

/**
 * Lambda gives a function its role's credentials in the environment
 * (lambda/latest/dg/configuration-envvars.html), which is where the SDK looks first. The other places (SSO, login,
 * profiles, a metadata service) and the clients that they need are 110 kB.
 */
export const credentialsFromEnvironment: Plugin = {
  name: 'credentials-from-environment',
  setup({ onResolve, onLoad }) {
    const name = 'credentials-from-environment';
    onResolve({ filter: /^@aws-sdk\/credential-provider-node$/ }, ({ resolveDir }) => ({
      path: name,
      namespace: name,
      pluginData: resolveDir,
    }));
    onLoad({ filter: /.*/, namespace: name }, ({ pluginData }) => ({
      contents: "export { fromEnv as defaultProvider } from '@aws-sdk/credential-provider-env';",
      resolveDir: pluginData,
    }));
  },
};

/**
 * A module that is imported when it is wanted stays in a file of its own beside the bundle. Inside it, what it needs of
 * Node.js would be loaded at every start, since the `import`s of one file all come first.
 */
function keepApart(module: string): Plugin {
  return {
    name: `${module}-apart`,
    setup({ onResolve }) {
      onResolve({ filter: new RegExp(`/${module}\\.ts$`) }, ({ kind }) =>
        kind === 'dynamic-import' ? { path: `./${module}.mjs`, external: true } : undefined,
      );
    },
  };
}

/** X-Ray's SDK: only a traced function asks for it. */
export const tracerApart = keepApart('traced');

/** The client of S3 that reads a policy too large for a parameter: few fleets have one. */
export const policyObjectApart = keepApart('policy-object');

/** The client of CloudWatch: only a sweep whose report tells the health of mirrors asks for it. */
export const cloudWatchApart = keepApart('cloud-watch');

/** The reader of YAML: `policy push` stores JSON. */
export const yamlApart = keepApart('policy-document');
