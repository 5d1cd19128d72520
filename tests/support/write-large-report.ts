/** Writes the report of a large fleet in every format: `write-large-report.ts FOLDER ROWS`, with as much memory as it is given. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderCoverageReport } from '../../lib/cli/render-report.ts';
import { renderAsff } from '../../lib/report/asff.ts';
import { renderCsv } from '../../lib/report/csv.ts';
import { renderOcsf } from '../../lib/report/ocsf.ts';
import { renderReportPage } from '../../lib/report/report-page.ts';
import { aLargeFleet, aReport } from './report.ts';

const [folder = '', rows = ''] = process.argv.slice(2);
const report = aReport(aLargeFleet(Number(rows)));

const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
write('report.txt', renderCoverageReport(report, { isRich: false, columns: 200, print: () => {} }));
write('report.csv', renderCsv(report));
write('report.html', renderReportPage(report));
write('report.json', JSON.stringify(report, null, 2));
write('asff.json', JSON.stringify(renderAsff(report), null, 2));
write('ocsf.json', JSON.stringify(renderOcsf(report), null, 2));
