import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Browser, chromium, type Page } from 'playwright-core';
import { joinReports } from '../../lib/core/report-history.ts';
import { renderHistoryPage } from '../../lib/report/history-page.ts';
import { renderReportPage } from '../../lib/report/report-page.ts';
import { healthOf } from '../support/health.ts';
import { aLargeFleet, aReport } from '../support/report.ts';

/** Debian's Chromium; another one by the variable that Playwright's own documentation uses for it. */
const executablePath = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const rows = 10_000;
const fleet = aLargeFleet(rows);
const large = aReport(fleet);
const pages = {
  'a small fleet': renderReportPage(aReport(aLargeFleet(60))),
  'a fleet whose health was read': renderReportPage(
    aReport(aLargeFleet(60), { health: healthOf(aLargeFleet(60), {}) }),
  ),
  'a fleet of 10,000 interfaces': renderReportPage(large),
  'no fleet': renderReportPage(aReport([])),
  'a history': renderHistoryPage(
    joinReports([
      aReport(
        aLargeFleet(60).map((source) => ({ ...source, sessions: [] })),
        { takenAt: '2026-02-01T00:00:00.000Z' },
      ),
      aReport(aLargeFleet(60)),
    ]),
  ),
} as const;

let browser: Browser;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fleetmirror-page-'));
  // Root has no sandbox in Chromium; the page is ours, and the network is not asked for anything.
  browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
});

afterAll(async () => {
  await browser?.close();
  await rm(folder, { recursive: true, force: true });
});

/** Opens a page, hands it to the work, and fails on any complaint of the browser and any request but the file itself. */
async function withPage(
  name: keyof typeof pages,
  work: (page: Page) => Promise<void>,
  colorScheme: 'light' | 'dark' = 'light',
): Promise<void> {
  await withHtml(pages[name], work, colorScheme);
}

async function withHtml(
  html: string,
  work: (page: Page) => Promise<void>,
  colorScheme: 'light' | 'dark' = 'light',
): Promise<void> {
  const file = join(folder, 'page.html');
  await writeFile(file, html);
  const page = await browser.newPage({ colorScheme, viewport: { width: 1280, height: 900 } });
  const complaints: string[] = [];
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('request', (request) => {
    if (!request.url().startsWith('file:') && !request.url().startsWith('data:')) complaints.push(request.url());
  });
  try {
    await page.goto(pathToFileURL(file).href);
    await work(page);
    expect(complaints).toEqual([]);
  } finally {
    await page.close();
  }
}

const column = (page: Page, table: string, index: number) =>
  page.locator(`[data-table=${table}] tbody tr td:nth-child(${index})`).allTextContents();

const shown = (page: Page, table: string) => page.locator(`[data-table=${table}] .shown`).textContent();

describe.each(['light', 'dark'] as const)('axe finds no violation in %s', (scheme) => {
  test.each(Object.keys(pages) as (keyof typeof pages)[])('on the page of %s', async (name) => {
    await withPage(
      name,
      async (page) => {
        await page.evaluate(axe);
        const violations = await page.evaluate(async () => {
          // biome-ignore lint/suspicious/noExplicitAny: axe has just been put into the page.
          const found = await (globalThis as any).axe.run();
          return found.violations.map(({ id, nodes }: { id: string; nodes: { html: string }[] }) => {
            return `${id}: ${nodes[0]?.html.slice(0, 200)}`;
          });
        });
        expect(violations).toEqual([]);
      },
      scheme,
    );
  });
});

describe('the page of 10,000 interfaces', () => {
  const name = 'a fleet of 10,000 interfaces';

  test('sorts by a column, up and down, and tells the screen reader', async () => {
    await withPage(name, async (page) => {
      const head = page.locator('[data-table=interfaces] th', { hasText: 'Name' });
      await head.getByRole('button').click();
      expect(await head.getAttribute('aria-sort')).toBe('ascending');
      const up = await column(page, 'interfaces', 2);
      expect(up).toHaveLength(100);
      expect(up).toEqual([...up].sort((one, other) => (one.toLowerCase() < other.toLowerCase() ? -1 : 1)));
      await head.getByRole('button').click();
      expect(await head.getAttribute('aria-sort')).toBe('descending');
      expect((await column(page, 'interfaces', 2))[0]).toContain('שרת');
    });
  });

  test('searches all rows, filters by status, and pages', async () => {
    await withPage(name, async (page) => {
      expect(await shown(page, 'interfaces')).toBe('10,000 rows');
      await page.locator('#search-interfaces').fill('svc-7-4567');
      await page.getByText('1 of 10,000 rows', { exact: true }).first().waitFor();
      await page.locator('#search-interfaces').fill('');
      await page.getByText('10,000 rows', { exact: true }).first().waitFor();
      await page.locator('[data-table=interfaces]').getByLabel('Status').selectOption('partial');
      expect(new Set(await column(page, 'interfaces', 3))).toEqual(new Set(['partial']));
      const partial = large.interfaces.filter(({ status }) => status === 'partial').length;
      expect(await shown(page, 'interfaces')).toBe(`${partial} of 10,000 rows`);
      await page.locator('[data-table=interfaces]').getByRole('button', { name: 'Last' }).click();
      expect(await page.locator('[data-table=interfaces] tbody tr').count()).toBe(partial % 100 || 100);
    });
  });

  test('draws no more than a page of rows, and answers a sort within a fifth of a second', async () => {
    await withPage(name, async (page) => {
      expect(await page.locator('tbody tr').count()).toBeLessThan(700);
      const took = await page.evaluate(`(() => {
        const start = performance.now();
        for (const button of document.querySelectorAll('[data-table=interfaces] th button')) button.click();
        return (performance.now() - start) / 11;
      })()`);
      expect(took).toBeLessThan(200);
    });
  });

  test('leads from a gap to its remedy, and from a gap to its interface', async () => {
    await withPage(name, async (page) => {
      await page.locator('[data-table=gaps] a', { hasText: 'type-unsupported' }).first().click();
      const focused = page.locator(':focus');
      expect(await focused.getAttribute('id')).toBe('reason-type-unsupported');
      expect(await page.locator('#reason-type-unsupported + dd').textContent()).toContain('Use a supported type');
      const wanted = large.gaps[3]?.networkInterfaceId ?? '';
      await page.locator('[data-table=gaps] a', { hasText: wanted }).first().click();
      expect(await column(page, 'interfaces', 1)).toEqual([wanted]);
      expect(await page.locator(':focus').getAttribute('id')).toBe('search-interfaces');
    });
  });

  test('shows markup and right-to-left names as text', async () => {
    await withPage(name, async (page) => {
      await page.locator('#search-interfaces').fill('<b>97</b>');
      await page.getByText('1 of 10,000 rows', { exact: true }).first().waitFor();
      expect(await column(page, 'interfaces', 2)).toEqual(['שרת <b>97</b> 🚀']);
      expect(await page.locator('[data-table=interfaces] td b').count()).toBe(0);
    });
  });

  test('is worked with the keyboard alone', async () => {
    await withPage(name, async (page) => {
      await page.keyboard.press('Tab');
      expect(await page.locator(':focus').textContent()).toBe('Skip to the content');
      await page.locator('[data-table=interfaces] th button').first().focus();
      await page.keyboard.press('Enter');
      expect(await page.locator('[data-table=interfaces] th').first().getAttribute('aria-sort')).toBe('ascending');
    });
  });

  test('prints more rows than it shows, and returns to a page of them', async () => {
    await withPage(name, async (page) => {
      await page.evaluate("dispatchEvent(new Event('beforeprint'))");
      expect(await page.locator('[data-table=interfaces] tbody tr').count()).toBe(2000);
      expect(await page.locator('[data-table=targets] .rest').textContent()).toBe('');
      await page.evaluate("dispatchEvent(new Event('afterprint'))");
      expect(await page.locator('[data-table=interfaces] tbody tr').count()).toBe(100);
    });
  });
});

describe('the page of 100,000 interfaces', () => {
  test('opens, tells how many rows there are, searches and sorts them within a second, and prints the first 2,000', async () => {
    await withHtml(renderReportPage(aReport(aLargeFleet(100_000))), async (page) => {
      expect(await shown(page, 'interfaces')).toBe('100,000 rows');
      expect(await page.locator('[data-table=interfaces] .pager span').textContent()).toBe('Page 1 of 1000');
      expect(await page.locator('tbody tr').count()).toBeLessThan(700);
      const middle = await page.evaluate(`(() => {
        const took = [...document.querySelectorAll('[data-table=interfaces] th button')].map((button) => {
          const start = performance.now();
          button.click();
          return performance.now() - start;
        });
        return took.sort((one, other) => one - other)[Math.floor(took.length / 2)];
      })()`);
      expect(middle).toBeLessThan(1000);
      await page.locator('#search-interfaces').fill('svc-7-4567');
      await page.getByText('1 of 100,000 rows', { exact: true }).first().waitFor();
      expect(await column(page, 'interfaces', 2)).toEqual(['svc-7-4567']);
      await page.locator('#search-interfaces').fill('');
      await page.getByText('100,000 rows', { exact: true }).first().waitFor();
      await page.evaluate("dispatchEvent(new Event('beforeprint'))");
      await page.emulateMedia({ media: 'print' });
      const rest = page.locator('[data-table=interfaces] .rest');
      expect(await rest.isVisible()).toBe(true);
      expect(await rest.textContent()).toBe('Rows 1 to 2,000 of 100,000; the report as CSV has all of them.');
    });
  });
});

test('fits a phone: only tables are wider than the screen, and each chart is drawn once', async () => {
  await withPage('a fleet whose health was read', async (page) => {
    const shownCharts = () => page.locator('.chart svg').filter({ visible: true }).count();
    const wide = await shownCharts();
    expect(wide).toBe(6);
    await page.setViewportSize({ width: 390, height: 844 });
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
    expect(await shownCharts()).toBe(wide);
    const fontSize = await page.evaluate<number>(
      "Math.min(...[...document.querySelectorAll('.chart svg.narrow text')].map((text) => text.getBoundingClientRect().height))",
    );
    expect(fontSize).toBeGreaterThan(11);
  });
});

test('dark and light change places at a press of the button', async () => {
  await withPage('a small fleet', async (page) => {
    const ground = () => page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
    const button = page.getByRole('button', { name: 'Dark' });
    const light = await ground();
    expect(await button.getAttribute('aria-pressed')).toBe('false');
    await button.click();
    expect(await button.getAttribute('aria-pressed')).toBe('true');
    expect(await ground()).not.toBe(light);
    await button.click();
    expect(await ground()).toBe(light);
  });
});
