/** Writes `infra/report.schema.json` from the report's schema: `node run.js infra/write-report-schema.ts`. */
import { writeFileSync } from 'node:fs';
import { reportJsonSchema } from '../lib/core/report-schema.ts';

writeFileSync(new URL('report.schema.json', import.meta.url), `${JSON.stringify(reportJsonSchema(), null, 2)}\n`);
