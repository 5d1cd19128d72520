import { tmpdir } from 'node:os';
import { join } from 'node:path';
import jest from './jest.config.js';

// Jest looks for tests, and for what they import, in these only: the rest of the tree costs each mutant a second.
const roots = ['lib/core', 'tests/unit/core', 'tests/support', 'infra'].map((folder) => `<rootDir>/${folder}`);

/**
 * Mutation testing of the pure core: each mutant must fail a test. `npm run mutate` starts from the incremental report
 * of the last run and runs only what has changed since. The tests that walk or sample cases stay out: a mutant must be
 * seen by a test whose title says what is wrong.
 */
export default {
  mutate: ['lib/core/*.ts'],
  testRunner: 'jest',
  testRunnerNodeArgs: ['--experimental-vm-modules'],
  plugins: ['@stryker-mutator/jest-runner'],
  jest: {
    config: { ...jest, roots, testMatch: ['<rootDir>/tests/unit/core/**/*.test.ts'] },
  },
  coverageAnalysis: 'perTest',
  // What runs while a test file is loaded counts only where a test runs it too: else each such mutant takes every test.
  ignoreStatic: true,
  // A busy machine must not pass for a mutant that never ends.
  timeoutMS: 15_000,
  concurrency: 1,
  // TypeScript 7 has no API for Stryker to rewrite a tsconfig with, and swc reads none: a name that no file has.
  tsconfigFile: 'none',
  // Outside the tree, where no other tool finds the copies.
  tempDirName: join(tmpdir(), 'fleetmirror-stryker'),
  incremental: true,
  incrementalFile: 'tests/mutation/incremental.json',
  reporters: ['clear-text'],
  clearTextReporter: { logTests: false, reportTests: false },
  // Just below the figure that README names: more survivors than are explained fail the run.
  thresholds: { high: 98, low: 97, break: 97 },
};
