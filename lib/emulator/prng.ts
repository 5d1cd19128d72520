/** Chance by seed: the same seed gives the same ids, the same weather, the same run. */
export interface Prng {
  /** A fraction from 0 up to, not including, 1. */
  readonly next: () => number;
  /** A whole number from 0 up to, not including, `below`. */
  readonly integer: (below: number) => number;
  /** As many hexadecimal digits as asked for. */
  readonly hex: (digits: number) => string;
  /** An id in the form of a version 4 UUID. */
  readonly uuid: () => string;
}

/** Starts a stream of chance; mulberry32, which is enough for ids and weather and never for secrets. */
export function createPrng(seed: number): Prng {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const integer = (below: number): number => Math.floor(next() * below);
  const hex = (digits: number): string => {
    let text = '';
    while (text.length < digits)
      text += integer(2 ** 28)
        .toString(16)
        .padStart(7, '0');
    return text.slice(0, digits);
  };
  const uuid = (): string => `${hex(8)}-${hex(4)}-4${hex(3)}-8${hex(3)}-${hex(12)}`;
  return { next, integer, hex, uuid };
}
