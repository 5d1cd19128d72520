import fc from 'fast-check';
import type { RuleSpec } from '../../lib/core/model.ts';
import type { IpFacts, PacketSession } from '../../lib/core/packet.ts';
import { readPacket } from './packet.ts';

// A small universe, in which packets and rules meet: few networks, few ports, the borders of each among them.
const cidrs4 = ['0.0.0.0/0', '10.0.0.0/8', '10.0.1.0/24', '10.0.1.5/32', '169.254.0.0/16', '192.168.0.0/16'];
const cidrs6 = ['::/0', 'fd00::/8', 'fd00:ec2::/32', '2001:db8::/33', '2001:db8::5/128'];
const addresses4 = [
  '10.0.1.5',
  '10.0.1.255',
  '10.0.2.0',
  '192.168.255.255',
  '169.254.169.254',
  '169.254.169.123',
  '8.8.8.8',
];
const addresses6 = ['2001:db8::5', '2001:db8:8000::1', 'fd00:ec2::254', 'fd00:ec2::253', 'fd00::1', '::1'];
const ports = [0, 22, 53, 67, 68, 80, 123, 443, 546, 1688, 8080, 65_535];
const protocols = [1, 6, 17, 47, 58];

/** A rule of either family; ports only with TCP and UDP, as AWS demands. */
export const anyRule: fc.Arbitrary<RuleSpec> = fc
  .record({
    direction: fc.constantFrom('ingress' as const, 'egress' as const),
    action: fc.constantFrom('accept' as const, 'accept' as const, 'reject' as const),
    protocol: fc.option(fc.constantFrom(...protocols), { nil: undefined }),
    cidrs: fc.oneof(...[cidrs4, cidrs6].map((cidrs) => fc.tuple(fc.constantFrom(...cidrs), fc.constantFrom(...cidrs)))),
    sourcePorts: fc.option(anyRange(), { nil: undefined, freq: 2 }),
    destinationPorts: fc.option(anyRange(), { nil: undefined }),
  })
  .map(({ direction, action, protocol, cidrs, sourcePorts, destinationPorts }): RuleSpec => {
    const mayHavePorts = protocol === 6 || protocol === 17;
    return {
      direction,
      action,
      ruleNumber: 0,
      ...(protocol !== undefined && { protocol }),
      sourceCidr: cidrs[0],
      destinationCidr: cidrs[1],
      ...(mayHavePorts && sourcePorts && { sourcePorts }),
      ...(mayHavePorts && destinationPorts && { destinationPorts }),
    };
  });

/** One to three sessions of up to six rules each, in any order. */
export const anySessions: fc.Arbitrary<PacketSession[]> = fc
  .array(fc.record({ rules: fc.array(anyRule, { maxLength: 6 }), hasDns: fc.boolean() }), {
    minLength: 1,
    maxLength: 3,
  })
  .chain((filters) =>
    fc.shuffledSubarray([10, 20, 30], { minLength: filters.length, maxLength: filters.length }).map((numbers) =>
      filters.map(({ rules, hasDns }, i) => ({
        sessionNumber: numbers[i] as number,
        name: `session-${numbers[i]}`,
        filter: {
          networkServices: hasDns ? ['amazon-dns'] : [],
          rules: rules.map((rule, number) => ({ ...rule, ruleNumber: 100 - number })),
        },
      })),
    ),
  );

/** An IP packet of the universe, fragments among them. */
export const anyPacket: fc.Arbitrary<IpFacts> = fc
  .record({
    ends: fc.oneof(
      ...[addresses4, addresses6].map((ends) => fc.tuple(fc.constantFrom(...ends), fc.constantFrom(...ends))),
    ),
    protocol: fc.constantFrom(6, 6, 17, 17, 1, 47, 58),
    ports: fc.tuple(fc.constantFrom(...ports), fc.constantFrom(...ports)),
    fragment: fc.constantFrom(undefined, undefined, undefined, 'first' as const, 'later' as const),
  })
  .map(({ ends, protocol, ports: [source, destination], fragment }): IpFacts => {
    const hasPorts = (protocol === 6 || protocol === 17) && fragment !== 'later';
    return {
      ...readPacket(`proto 47 ${ends[0]} > ${ends[1]}`),
      protocol,
      ...(hasPorts && { ports: { source, destination } }),
      ...(fragment && { fragment }),
    };
  });

function anyRange(): fc.Arbitrary<{ from: number; to: number }> {
  const port = fc.constantFrom(...ports);
  return fc.tuple(port, port).map(([a, b]) => ({ from: Math.min(a, b), to: Math.max(a, b) }));
}
