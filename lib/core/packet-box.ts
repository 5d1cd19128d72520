import { type Address, type Cidr, isInCidr, parseCidr } from './cidr.ts';
import type { Direction, PortRange, RuleSpec } from './model.ts';
import type { IpFacts } from './packet.ts';

/** A set of IP packets as a product of intervals: all that a filter rule can describe. An absent side is every value. */
export interface PacketBox {
  readonly direction?: Direction;
  readonly protocols?: readonly number[];
  readonly source?: Cidr;
  readonly destination?: Cidr;
  readonly sourcePorts?: PortRange;
  readonly destinationPorts?: PortRange;
}

/** The box of a rule, which always names these sides. */
export type RuleBox = PacketBox & Required<Pick<PacketBox, 'direction' | 'source' | 'destination'>>;

export type BoxSide = 'direction' | 'protocol' | 'source' | 'destination' | 'source port' | 'destination port';

/**
 * The packets that a rule describes. The range 0–65535 is no condition, so that it also holds for packets without
 * ports; any other range asks for ports. A network that cannot be read throws: EC2 and the policy's check admit none.
 */
export function boxFromRule(rule: RuleSpec): RuleBox {
  return {
    direction: rule.direction,
    ...(rule.protocol !== undefined && { protocols: [rule.protocol] }),
    source: networkOf(rule, rule.sourceCidr),
    destination: networkOf(rule, rule.destinationCidr),
    ...(isNarrow(rule.sourcePorts) && { sourcePorts: rule.sourcePorts }),
    ...(isNarrow(rule.destinationPorts) && { destinationPorts: rule.destinationPorts }),
  };
}

/** The first side on which a packet lies outside; undefined when it lies inside. */
export function sideOutside(facts: IpFacts, direction: Direction, box: PacketBox): BoxSide | undefined {
  if (box.direction !== undefined && box.direction !== direction) return 'direction';
  if (box.protocols !== undefined && !box.protocols.includes(facts.protocol)) return 'protocol';
  if (isOutsideNetwork(facts.source, box.source)) return 'source';
  if (isOutsideNetwork(facts.destination, box.destination)) return 'destination';
  if (isOutsideRange(facts.ports?.source, box.sourcePorts)) return 'source port';
  if (isOutsideRange(facts.ports?.destination, box.destinationPorts)) return 'destination port';
  return undefined;
}

function networkOf(rule: RuleSpec, text: string): Cidr {
  const cidr = parseCidr(text);
  if (cidr === undefined) throw new Error(`${rule.direction} rule ${rule.ruleNumber}: "${text}" is no network`);
  return cidr;
}

function isNarrow(range: PortRange | undefined): range is PortRange {
  return range !== undefined && (range.from > 0 || range.to < 65_535);
}

function isOutsideNetwork(address: Address, network: Cidr | undefined): boolean {
  return network !== undefined && !isInCidr(address, network);
}

function isOutsideRange(port: number | undefined, range: PortRange | undefined): boolean {
  return range !== undefined && (port === undefined || port < range.from || port > range.to);
}
