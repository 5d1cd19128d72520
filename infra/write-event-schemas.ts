/** Writes `infra/events/*.schema.json` from the events' schemas: `node run.js infra/write-event-schemas.ts`. */
import { writeFileSync } from 'node:fs';
import { type DetailType, eventJsonSchema, eventSchemas, fileNameOf } from '../lib/event-schemas.ts';

for (const detailType of Object.keys(eventSchemas) as DetailType[]) {
  const file = new URL(`events/${fileNameOf(detailType)}.schema.json`, import.meta.url);
  writeFileSync(file, `${JSON.stringify(eventJsonSchema(detailType), null, 2)}\n`);
}
