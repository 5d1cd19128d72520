import { type Address, type Cidr, parseCidr } from './cidr.ts';
import type { Direction } from './model.ts';
import type { IpFacts } from './packet.ts';
import { type PacketBox, sideOutside } from './packet-box.ts';
import { tcp, udp } from './protocols.ts';

/** Traffic that filter rules have no say in: never mirrored, or (Amazon DNS) only by a filter's network service. */
export type SpecialKind = 'dhcp' | 'instance-metadata' | 'ntp' | 'windows-activation' | 'amazon-dns';

export interface SpecialTraffic {
  readonly kind: SpecialKind;
  readonly box: PacketBox;
}

/**
 * AWS names the kinds (Traffic Mirroring limitations; filter concepts); their addresses are those of the EC2 and VPC
 * user guides: instance metadata 169.254.169.254 and fd00:ec2::254, Time Sync 169.254.169.123 and fd00:ec2::123, Windows
 * activation 169.254.169.250 and .251 (TCP 1688), the resolver 169.254.169.253 and fd00:ec2::253. That DHCP includes
 * DHCPv6, and that only NTP with Amazon's own service is meant, is inferred.
 */
const fixedTraffic: readonly SpecialTraffic[] = [
  ...bothWays('instance-metadata', '169.254.169.254/32', {}),
  ...bothWays('instance-metadata', 'fd00:ec2::254/128', {}),
  dhcp('0.0.0.0/0', 67, 68),
  dhcp('::/0', 546, 547),
  ...bothWays('ntp', '169.254.169.123/32', { protocols: [udp], port: 123 }),
  ...bothWays('ntp', 'fd00:ec2::123/128', { protocols: [udp], port: 123 }),
  ...bothWays('windows-activation', '169.254.169.250/31', { protocols: [tcp], port: 1688 }),
  ...bothWays('amazon-dns', '169.254.169.253/32', { protocols: [tcp, udp], port: 53 }),
  ...bothWays('amazon-dns', 'fd00:ec2::253/128', { protocols: [tcp, udp], port: 53 }),
];

/** All special traffic of a VPC whose own resolver has these addresses. The first box that holds a packet names it. */
export function listSpecialTraffic(resolvers: readonly Address[]): readonly SpecialTraffic[] {
  const ownDns = resolvers.flatMap(({ family, value }) =>
    bothWaysOf('amazon-dns', { family, from: value, to: value }, { protocols: [tcp, udp], port: 53 }),
  );
  return [...fixedTraffic, ...ownDns];
}

export function findSpecialKind(
  facts: IpFacts,
  direction: Direction,
  traffic: readonly SpecialTraffic[],
): SpecialKind | undefined {
  return traffic.find(({ box }) => sideOutside(facts, direction, box) === undefined)?.kind;
}

interface Service {
  readonly protocols?: readonly number[];
  /** On the service's side. */
  readonly port?: number;
}

function bothWays(kind: SpecialKind, cidrText: string, service: Service): SpecialTraffic[] {
  return bothWaysOf(kind, networkOf(cidrText), service);
}

function bothWaysOf(kind: SpecialKind, network: Cidr, { port, ...common }: Service): SpecialTraffic[] {
  const range = port === undefined ? undefined : { from: port, to: port };
  return [
    { kind, box: { ...common, source: network, ...(range && { sourcePorts: range }) } },
    { kind, box: { ...common, destination: network, ...(range && { destinationPorts: range }) } },
  ];
}

function dhcp(everywhere: string, from: number, to: number): SpecialTraffic {
  const [network, ports] = [networkOf(everywhere), { from, to }];
  const ends = { source: network, destination: network, sourcePorts: ports, destinationPorts: ports };
  return { kind: 'dhcp', box: { protocols: [udp], ...ends } };
}

function networkOf(text: string): Cidr {
  const cidr = parseCidr(text);
  if (cidr === undefined) throw new Error(`"${text}" is no network`);
  return cidr;
}
