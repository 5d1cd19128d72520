import { type Family, formatAddress, parseAddress, parseCidr } from './cidr.ts';

/** A network as a policy writes it. */
export interface WrittenCidr {
  readonly family: Family;
  /** The network in canonical form, host bits cleared: what EC2 is to be given, so that it is found again unchanged. */
  readonly canonical: string;
  /** Whether bits behind the prefix were set (`10.0.0.1/8`): a slip, or a host meant as /32. */
  readonly hasHostBits: boolean;
}

/** Reads `10.0.0.0/8` or `2001:db8::/32`; undefined when it is neither. */
export function readCidr(text: string): WrittenCidr | undefined {
  const cidr = parseCidr(text);
  if (cidr === undefined) return undefined;
  const slash = text.indexOf('/');
  const { family, from } = cidr;
  const canonical = `${formatAddress({ family, value: from })}/${Number(text.slice(slash + 1))}`;
  return { family, canonical, hasHostBits: parseAddress(text.slice(0, slash))?.value !== from };
}
