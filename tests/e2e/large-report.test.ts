import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { CoverageReport } from '../../lib/core/report-schema.ts';

const rows = 100_000;
/** The heap of Node.js in the program that writes all formats one after the other; it takes less than half of it. */
const heapMegabytesMax = 1024;

let folder: string;
let report: CoverageReport;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fleetmirror-large-'));
  const program = ['tests/support/write-large-report.ts', folder, String(rows)];
  const { status, stderr } = spawnSync(process.execPath, [`--max-old-space-size=${heapMegabytesMax}`, ...program], {
    encoding: 'utf8',
  });
  expect([status, stderr]).toEqual([0, '']);
  report = JSON.parse(await read('report.json'));
}, 300_000);

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

const read = (name: string) => readFile(join(folder, name), 'utf8');

/** Every hundredth, with the first and the last. */
const sampleOf = <Item>(items: readonly Item[]) =>
  items.filter((_, index) => index % 100 === 0 || index === items.length - 1);

describe('the report of 100,000 interfaces', () => {
  test('as JSON has every interface once, agrees with its own figures, and holds to the published schema', async () => {
    expect(new Set(report.interfaces.map(({ networkInterfaceId }) => networkInterfaceId)).size).toBe(rows);
    const wanted = report.interfaces.filter(({ desired }) => desired.length > 0);
    expect(report.coverage.wanted).toBe(wanted.length);
    expect(report.totals.gaps.reduce((sum, { gaps }) => sum + gaps, 0)).toBe(report.gaps.length);
    const schema = JSON.parse(await readFile('infra/report.schema.json', 'utf8'));
    const ajv = new Ajv2020({ strictTypes: false });
    addFormats.default(ajv);
    const validate = ajv.compile(schema);
    const sample = {
      ...report,
      interfaces: sampleOf(report.interfaces),
      gaps: sampleOf(report.gaps),
      foreign: sampleOf(report.foreign),
    };
    expect([validate(sample), validate.errors]).toEqual([true, null]);
  });

  test('as CSV has one line for each interface', async () => {
    const lines = (await read('report.csv')).split('\r\n');
    expect([lines.length, lines.at(-1)]).toEqual([rows + 2, '']);
    expect(lines.at(-2)?.startsWith(report.interfaces.at(-1)?.networkInterfaceId ?? 'none')).toBe(true);
  });

  test.each(['asff', 'ocsf'])('as %s has one finding for each gap', async (format) => {
    const findings = JSON.parse(await read(`${format}.json`));
    expect(findings).toHaveLength(report.gaps.length);
    const ids = findings.map((finding: { Id?: string; finding_info?: { uid: string } }) => {
      return finding.Id ?? finding.finding_info?.uid;
    });
    expect(new Set(ids).size).toBe(report.gaps.length);
  });

  test('as a page holds every row for its tables, and ends', async () => {
    const page = await read('report.html');
    expect(page.endsWith('</html>\n')).toBe(true);
    const [, data = '[]'] = /<script type="application\/json" id="data">(.*)<\/script>/.exec(page) ?? [];
    const tables = JSON.parse(data) as { id: string; rows: unknown[] }[];
    expect(Object.fromEntries(tables.map((table) => [table.id, table.rows.length]))).toMatchObject({
      interfaces: rows,
      gaps: report.gaps.length,
      foreign: report.foreign.length,
    });
  });

  test('as text is a screen or two, and says what it leaves out and where that is', async () => {
    const text = await read('report.txt');
    expect(text.split('\n').length).toBeLessThan(150);
    expect(text).toContain(`… and ${report.gaps.length - 50} more: --format csv has them all.`);
  });
});
