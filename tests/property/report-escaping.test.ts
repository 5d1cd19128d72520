import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { CoverageReport } from '../../lib/core/report-schema.ts';
import { renderCsv } from '../../lib/report/csv.ts';
import { csvField, escapeHtml, jsonForHtml } from '../../lib/report/escape.ts';
import { renderReportPage } from '../../lib/report/report-page.ts';
import { readCsv } from '../support/csv.ts';
import { aReport, aSource } from '../support/report.ts';

/** Text as strangers write it into tags: markup, formulas, emoji, right-to-left, control characters, up to 256 long. */
const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 256 }),
  fc.constantFrom(
    '</script><script>alert(1)</script>',
    '<!--<script>',
    '"><img src=x onerror=alert(1)>',
    '=HYPERLINK("http://x","y")',
    '@SUM(A1:A9)',
    '\t=1+1',
    '  +1',
    '\u202eabc',
    'שלום עולם',
    '👩‍👩‍👧‍👦'.repeat(20),
    'x'.repeat(256),
    '\u2028</SCRIPT >',
  ),
);

function reportNaming(name: string): CoverageReport {
  return aReport([
    aSource(1, { tags: { Name: name, Mirror: 'true' } }),
    aSource(2, { tags: { Name: name, Mirror: name } }),
  ]);
}

test('HTML: escaped text has no character that means anything, and reads back as it was', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      const html = escapeHtml(text);
      expect(html).not.toMatch(/[<>"']/);
      const back = html
        .replaceAll('&lt;', '<')
        .replaceAll('&gt;', '>')
        .replaceAll('&quot;', '"')
        .replaceAll('&#39;', "'")
        .replaceAll('&amp;', '&');
      expect(back).toBe(text);
    }),
  );
});

test('JSON in a page cannot end its element, and reads back as it was', () => {
  fc.assert(
    fc.property(fc.array(hostile), (texts) => {
      const json = jsonForHtml(texts);
      expect(json).not.toMatch(/[<>&\u2028\u2029]/);
      expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify(texts)));
    }),
  );
});

test('CSV: every field reads back, and none of them begins a formula', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      const [[field] = []] = readCsv(`${csvField(text)}\r\n`);
      expect(field === text || field === `'${text}`).toBe(true);
      expect(field).not.toMatch(/^[\s\p{Cc}]*[=+\-@]/u);
    }),
  );
});

test('a report is a table of one width, whatever the names are', () => {
  fc.assert(
    fc.property(hostile, (name) => {
      const rows = readCsv(renderCsv(reportNaming(name)));
      expect(rows.map((row) => row.length)).toEqual(rows.map(() => 20));
      expect(rows).toHaveLength(3);
    }),
  );
});

test('a page has its own two scripts and its own style only, whatever the names are', () => {
  fc.assert(
    fc.property(hostile, (name) => {
      const page = renderReportPage(reportNaming(name));
      expect(page.match(/<script/gi)).toHaveLength(2);
      expect(page.match(/<\/script/gi)).toHaveLength(2);
      expect(page.match(/<style/gi)).toHaveLength(1);
      expect(page).not.toMatch(/<img|onerror=alert\(1\)>/);
    }),
    { numRuns: 60 },
  );
});
