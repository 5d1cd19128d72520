/** One place of a pattern: a literal character, or a stand-in. */
type Token = { readonly character: string } | 'any-one' | 'any-text';

/**
 * A test for the values of EC2's filters: `*` stands for any text, `?` for one character, `\` takes the meaning from
 * the next; case counts (ec2/UserGuide/Using_Filtering). Never slower than pattern length times text length.
 */
export function compileFilterPattern(pattern: string): (text: string) => boolean {
  const tokens = [...tokenize(pattern)];
  return (text) => matches(tokens, [...text]);
}

function* tokenize(pattern: string): Iterable<Token> {
  let isEscaped = false;
  for (const character of pattern) {
    if (!isEscaped && character === '\\') {
      isEscaped = true;
      continue;
    }
    if (!isEscaped && character === '*') yield 'any-text';
    else if (!isEscaped && character === '?') yield 'any-one';
    else yield { character };
    isEscaped = false;
  }
  if (isEscaped) yield { character: '\\' };
}

/** Walks both at once; after a mismatch the latest star takes one character more. Earlier stars never need to move. */
function matches(tokens: readonly Token[], text: readonly string[]): boolean {
  let token = 0;
  let at = 0;
  let star = -1;
  let starAt = 0;
  while (at < text.length) {
    const expected = tokens[token];
    if (expected === 'any-text') {
      star = token;
      starAt = at;
      token += 1;
    } else if (expected === 'any-one' || (expected !== undefined && expected.character === text[at])) {
      token += 1;
      at += 1;
    } else if (star >= 0) {
      starAt += 1;
      at = starAt;
      token = star + 1;
    } else {
      return false;
    }
  }
  while (tokens[token] === 'any-text') token += 1;
  return token === tokens.length;
}
