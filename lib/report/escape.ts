/** Other people's text (names, tags, descriptions) made harmless for the places that show it. */

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text for an HTML element or a quoted attribute. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}

/** What stands between backticks in a sentence that is escaped already, as code. */
export function markCode(html: string): string {
  return html.replace(/`([^`]+)`/g, '<code>$1</code>');
}

/** JSON for a `<script type="application/json">`: nothing in it can end the element or begin a comment. */
export function jsonForHtml(value: unknown): string {
  return JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

/**
 * One CSV field (RFC 4180). A field that a spreadsheet would run as a formula gets an apostrophe in front (OWASP, "CSV
 * Injection"); white space and control characters before the sign do not hide it, and neither do full-width signs.
 */
export function csvField(text: string): string {
  const isFormula = /^[\s\p{Cc}\p{Cf}]*[=+\-@|%＝＋－＠]/u.test(text) || /^[\t\r\n]/.test(text);
  const safe = isFormula ? `'${text}` : text;
  return /[",\r\n;\t]/.test(safe) || safe !== safe.trim() ? `"${safe.replaceAll('"', '""')}"` : safe;
}
