/**
 * A test for EventBridge's wildcard patterns: `*` stands for any number of characters, `\*` and `\\` for themselves.
 * Returns a sentence instead where EventBridge refuses the pattern (`**`, a stray backslash).
 * Takes time in proportion to the text, whatever the pattern: each piece is looked for once, leftmost first.
 */
export function compileWildcard(pattern: string): ((text: string) => boolean) | string {
  const pieces = splitPieces(pattern);
  if (typeof pieces === 'string') return pieces;
  const [head = '', ...rest] = pieces;
  const tail = rest.pop();
  if (tail === undefined) return (text) => text === head;
  return (text) => {
    if (text.length < head.length + tail.length || !text.startsWith(head) || !text.endsWith(tail)) return false;
    const end = text.length - tail.length;
    let position = head.length;
    for (const piece of rest) {
      const found = text.indexOf(piece, position);
      if (found < 0 || found + piece.length > end) return false;
      position = found + piece.length;
    }
    return true;
  };
}

/** The literal pieces between the stars, unescaped. */
function splitPieces(pattern: string): string[] | string {
  const tokens = pattern.match(/\\?[\s\S]/g) ?? [];
  const pieces = [''];
  let isAfterStar = false;
  for (const token of tokens) {
    if (token === '*' && isAfterStar) return 'consecutive wildcard characters';
    isAfterStar = token === '*';
    if (isAfterStar) {
      pieces.push('');
      continue;
    }
    const isEscape = token.startsWith('\\');
    if (isEscape && token !== '\\*' && token !== '\\\\') return 'invalid escape character in wildcard';
    pieces[pieces.length - 1] += isEscape ? token.slice(1) : token;
  }
  return pieces;
}
