/** The frame of a report page: one self-contained HTML file that asks the network for nothing and runs no other script. */
import { createHash } from 'node:crypto';
import { escapeHtml, jsonForHtml, markCode } from './escape.ts';
import { pageScript } from './page-script.ts';
import { pageStyle } from './page-style.ts';

/** A table that the page's script fills: it sorts, searches and pages in the browser. */
export interface PageTable {
  readonly id: string;
  readonly title: string;
  readonly columns: readonly PageColumn[];
  readonly rows: readonly (readonly (string | number | null)[])[];
}

export interface PageColumn {
  readonly label: string;
  /** `find` is an interface id that leads to the table `interfaces`; `name` is other people's text. */
  readonly kind: 'code' | 'find' | 'name' | 'number' | 'prose' | 'reason' | 'status' | 'text' | 'time';
  /** Offers a choice of the column's values. */
  readonly isFilter?: boolean;
}

export interface Page {
  readonly title: string;
  /** One line below the title. */
  readonly subtitle: string;
  /** HTML: whoever writes it has escaped what came from elsewhere. */
  readonly content: string;
  readonly tables: readonly PageTable[];
}

/**
 * Writes the file. Its content security policy lets exactly this style and this script work, so that text which slipped
 * through the escaping could still run nothing.
 */
export function renderPage({ title, subtitle, content, tables }: Page): string {
  const policy = [
    "default-src 'none'",
    `style-src '${hashOf(pageStyle)}'`,
    `script-src '${hashOf(pageScript)}'`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${escapeHtml(title)}</title>
<link rel="icon" href="data:,">
<style>${pageStyle}</style>
</head>
<body>
<a class="skip" href="#content">Skip to the content</a>
<header><h1>${escapeHtml(title)}</h1><p>${escapeHtml(subtitle)}</p><button class="theme" type="button" aria-pressed="false" hidden>Dark</button></header>
<main id="content" tabindex="-1">
${content}
<footer>Written by Fleetmirror. The same facts as data: <code>fleetmirror report --format json</code>.</footer>
</main>
<script type="application/json" id="data">${jsonForHtml(tables)}</script>
<script>${pageScript}</script>
</body>
</html>
`;
}

/** A section with a table that the script fills, below a note if there is one; or a sentence when there is nothing to show. */
export function renderTableSection({ id, title, rows }: PageTable, empty: string, note?: string): string {
  const inside =
    rows.length === 0
      ? `<p class="empty">${markCode(escapeHtml(empty))}</p>`
      : `${note === undefined ? '' : `<p class="note">${markCode(escapeHtml(note))}</p>`}<div data-table="${id}"><p class="empty">This table needs JavaScript.</p></div>`;
  return `<section id="${id}" tabindex="-1" aria-labelledby="heading-${id}"><h2 id="heading-${id}">${escapeHtml(title)}</h2>${inside}</section>`;
}

/** Big figures side by side. */
export function renderTiles(tiles: readonly { readonly value: string; readonly label: string }[]): string {
  const inside = tiles.map(
    ({ value, label }) => `<div class="tile"><b>${escapeHtml(value)}</b><span>${escapeHtml(label)}</span></div>`,
  );
  return `<div class="tiles">${inside.join('')}</div>`;
}

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
