/** ESM and TypeScript: swc strips the types, Node.js runs the modules as they are. */
export default {
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': ['@swc/jest', { jsc: { target: 'es2024', experimental: { keepImportAttributes: true } } }],
  },
  testMatch: ['<rootDir>/tests/{unit,property,conformance,e2e}/**/*.test.ts'],
  testTimeout: 60_000,
  // Each of `tests/e2e/causes.test.ts` starts functions, which Lambda gives ten seconds to begin.
  maxConcurrency: 3,
};
