import type { Direction, PortRange, RuleSpec } from '../../lib/core/model.ts';
import type { PacketSession } from '../../lib/core/packet.ts';

/** Never true: no frame is as short as this. */
const never = 'less 0';

/**
 * For each session, in ascending number, a capture filter of libpcap that selects the packets which the session
 * mirrors of the interface with this IPv4 and this IPv6 address. Written from AWS's guide, not from the code under test.
 */
export function bpfOf(sessions: readonly PacketSession[], own4: string, own6: string): string[] {
  const ordered = sessions.toSorted((a, b) => a.sessionNumber - b.sessionNumber);
  const egress = `(src host ${own4} or src host ${own6})`;
  const accepted = ordered.map(({ filter }) => {
    const [inbound, outbound] = [bpfOfRules(filter.rules, 'ingress'), bpfOfRules(filter.rules, 'egress')];
    const byRule = `(not ${dns} and ((not ${egress} and ${inbound}) or (${egress} and ${outbound})))`;
    return filter.networkServices.includes('amazon-dns') ? `(${dns} or ${byRule})` : byRule;
  });
  return accepted.map((own, rank) => {
    const earlier = accepted.slice(0, rank).map((expression) => `and not ${expression}`);
    return ['(ip or ip6)', `and not ${neverMirrored}`, ...earlier, `and ${own}`].join(' ');
  });
}

const dns = `(${['169.254.169.253', 'fd00:ec2::253'].map((host) => service(host, '', 'port 53')).join(' or ')})`;

const neverMirrored = `(${[
  'host 169.254.169.254',
  'host fd00:ec2::254',
  '(ip and udp src portrange 67-68 and udp dst portrange 67-68)',
  '(ip6 and udp src portrange 546-547 and udp dst portrange 546-547)',
  service('169.254.169.123', 'udp ', 'port 123'),
  service('fd00:ec2::123', 'udp ', 'port 123'),
  service('169.254.169.250', 'tcp ', 'port 1688'),
  service('169.254.169.251', 'tcp ', 'port 1688'),
].join(' or ')})`;

/** With no protocol TCP and UDP are meant: what libpcap calls a port of SCTP does not occur here. */
function service(host: string, protocol: string, port: string): string {
  return `((src host ${host} and ${protocol}src ${port}) or (dst host ${host} and ${protocol}dst ${port}))`;
}

/** First match decides: an accepting rule adds to what follows it, a rejecting rule takes from it. */
function bpfOfRules(rules: readonly RuleSpec[], direction: Direction): string {
  return rules
    .filter((rule) => rule.direction === direction)
    .sort((a, b) => b.ruleNumber - a.ruleNumber)
    .reduce(
      (rest, rule) =>
        rule.action === 'accept' ? `(${bpfOfRule(rule)} or ${rest})` : `(not ${bpfOfRule(rule)} and ${rest})`,
      `(${never})`,
    );
}

function bpfOfRule({ protocol, sourceCidr, destinationCidr, sourcePorts, destinationPorts }: RuleSpec): string {
  const family = sourceCidr.includes(':') ? 'ip6' : 'ip';
  return `(${[
    family,
    ...(protocol === undefined ? [] : [`${family} proto ${protocol}`]),
    ...network(family, 'src', sourceCidr),
    ...network(family, 'dst', destinationCidr),
    ...ports(protocol, 'src', sourcePorts),
    ...ports(protocol, 'dst', destinationPorts),
  ].join(' and ')})`;
}

function network(family: string, end: 'src' | 'dst', cidr: string): string[] {
  return cidr.endsWith('/0') ? [] : [`${family} ${end} net ${cidr}`];
}

function ports(protocol: number | undefined, end: 'src' | 'dst', range: PortRange | undefined): string[] {
  if (range === undefined || (range.from === 0 && range.to === 65_535)) return [];
  return [`${protocol === 6 ? 'tcp' : 'udp'} ${end} portrange ${range.from}-${range.to}`];
}
