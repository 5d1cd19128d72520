/**
 * A stable 32-bit hash of a text: the same on every machine and in every release, for ties and numbers that must not
 * depend on the order of a run. FNV-1a with murmur's finaliser, so that ids that differ in one digit spread well.
 */
export function stableHash(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
