import { type Address, parseCidr } from './cidr.ts';

/**
 * The address of a VPC's own resolver: the base of its primary IPv4 network plus two [D: VPC user guide, "Understand
 * Amazon DNS"]. Undefined when the text is no IPv4 network.
 */
export function resolverOf(primaryCidr: string): Address | undefined {
  const cidr = parseCidr(primaryCidr);
  return cidr?.family === 4 ? { family: 4, value: cidr.from + 2n } : undefined;
}
