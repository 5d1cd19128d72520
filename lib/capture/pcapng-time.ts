/** A moment since 1970. */
export interface Moment {
  seconds: number;
  nanoseconds: number;
}

/** How an interface of a pcapng capture counts time. */
export interface TimeScale {
  readonly unitsPerSecond: number;
  readonly offsetSeconds: number;
}

/** Reads the option `if_tsresol`: a negative power of ten, or of two when the top bit is set. */
export function unitsPerSecondOf(resolution: number): number {
  return (resolution & 0x80) !== 0 ? 2 ** (resolution & 0x7f) : 10 ** resolution;
}

/** Puts the moment that a 64-bit count of units means into `moment`, exact up to nanoseconds. */
export function setMoment(
  moment: Moment,
  high: number,
  low: number,
  { unitsPerSecond, offsetSeconds }: TimeScale,
): void {
  if (unitsPerSecond <= 1e6 && high < 0x20_0000) {
    // Below 2⁵³ plain numbers are exact.
    const units = high * 0x1_0000_0000 + low;
    const seconds = Math.floor(units / unitsPerSecond);
    moment.seconds = seconds + offsetSeconds;
    moment.nanoseconds = Math.floor(((units - seconds * unitsPerSecond) * 1e9) / unitsPerSecond);
    return;
  }
  const units = (BigInt(high) << 32n) | BigInt(low);
  const perSecond = BigInt(unitsPerSecond);
  moment.seconds = Number(units / perSecond) + offsetSeconds;
  moment.nanoseconds = Number(((units % perSecond) * 1_000_000_000n) / perSecond);
}
