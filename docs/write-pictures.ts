/**
 * Writes the pictures of report pages that the README shows: `npm start`, which leaves the demo's report, then
 * `node run.js docs/write-pictures.ts` and `pngquant --ext .png --force 64 docs/report-*.png`. Needs Debian's Chromium,
 * or another one in CHROMIUM_PATH.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import type { InstanceId } from '../lib/core/model.ts';
import { joinReports } from '../lib/core/report-history.ts';
import { reportSchema } from '../lib/core/report-schema.ts';
import { renderHistoryPage } from '../lib/report/history-page.ts';
import { renderReportPage } from '../lib/report/report-page.ts';
import { healthOf } from '../tests/support/health.ts';
import { aLargeFleet, aReport } from '../tests/support/report.ts';

const fleet = aLargeFleet(10_000);

/** Most mirrors carry, a few drop packets, a few carry nothing. */
const traffic = Object.fromEntries(
  fleet.flatMap(({ instance }, index) => {
    if (instance === undefined || index % 211 === 0) return [];
    const skippedBytesOut = index % 37 === 0 ? 400_000 : 0;
    return [[instance.instanceId as InstanceId, { bytesOut: 900_000, packetsOut: 1200, skippedBytesOut }]];
  }),
);

/** A month of daily reports, in which most gaps close. */
const history = Array.from({ length: 30 }, (_, day) =>
  aReport(
    aLargeFleet(240).map((source, index) => (index % 40 > 26 + day / 2 ? { ...source, sessions: [] } : source)),
    { takenAt: `2026-03-${String(day + 1).padStart(2, '0')}T12:00:00.000Z` },
  ),
);

const demo = new URL('../dist/demo/report.json', import.meta.url);
const pictures = [
  {
    file: 'report-demo-light.png',
    colorScheme: 'light',
    page: renderReportPage(reportSchema.parse(JSON.parse(readFileSync(demo, 'utf8')))),
  },
  {
    file: 'report-10000-dark.png',
    colorScheme: 'dark',
    page: renderReportPage(aReport(fleet, { health: healthOf(fleet, traffic) })),
  },
  { file: 'report-history.png', colorScheme: 'light', page: renderHistoryPage(joinReports(history)) },
] as const;

const executablePath = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
for (const { file, colorScheme, page: html } of pictures) {
  const page = await browser.newPage({ colorScheme, viewport: { width: 1280, height: 860 } });
  await page.setContent(html);
  await page.screenshot({ path: fileURLToPath(new URL(file, import.meta.url)) });
  await page.close();
}
await browser.close();
