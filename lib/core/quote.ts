/** Text of other people, such as the value of a tag or the name of an instance, made fit to be printed. */

/** What moves the cursor, changes colours or turns the line around. */
const unprintable = /[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** In quotes as JSON has them, with everything unprintable written out: `"a\u202eb"`. */
export function quote(text: string): string {
  return JSON.stringify(text).replace(unprintable, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

/** Without quotes, each unprintable character replaced: `a�b`. */
export function printable(text: string): string {
  return text.replace(unprintable, '�');
}
