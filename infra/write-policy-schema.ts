/** Writes `infra/policy.schema.json` from the policy's schema: `node run.js infra/write-policy-schema.ts`. */
import { writeFileSync } from 'node:fs';
import { policyJsonSchema } from '../lib/core/policy-schema.ts';

writeFileSync(new URL('policy.schema.json', import.meta.url), `${JSON.stringify(policyJsonSchema(), null, 2)}\n`);
