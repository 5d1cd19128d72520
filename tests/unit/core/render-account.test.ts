import { describe, expect, test } from '@jest/globals';
import { evaluatePacket } from '../../../lib/core/evaluate.ts';
import type { PacketSession } from '../../../lib/core/packet.ts';
import { describeRule, renderAccount } from '../../../lib/core/render-account.ts';
import { aRule } from '../../support/filter.ts';
import { aPacketSession, readPacket } from '../../support/packet.ts';

function linesOf(text: string, sessions: readonly PacketSession[], rejectFallsThrough = true): string[] {
  const setting = { rejectFallsThrough, resolvers: [] };
  return renderAccount(evaluatePacket(readPacket(text), sessions, 'ingress', setting));
}
const web = aPacketSession({
  name: 'web',
  filter: {
    networkServices: [],
    rules: [
      aRule({ ruleNumber: 1, protocol: 6, destinationPorts: { from: 80, to: 88 } }),
      aRule({ ruleNumber: 2, protocol: 6, sourcePorts: { from: 80, to: 80 }, destinationCidr: '10.0.0.0/8' }),
    ],
  },
});
const webRules = [
  '    ingress 1 accept tcp 0.0.0.0/0 > 0.0.0.0/0:80-88',
  '    ingress 2 accept tcp 0.0.0.0/0:80 > 10.0.0.0/8',
];

describe('the account of a packet', () => {
  test('tells every session asked, every rule tried and where it differs, and the taker', () => {
    expect(linesOf('tcp 192.0.2.1:9 > 10.0.0.2:22', [web, aPacketSession({ sessionNumber: 20, name: 'all' })])).toEqual(
      [
        'tcp 192.0.2.1:9 > 10.0.0.2:22 (ingress)',
        '  session 10 (web): no rule matches',
        `${webRules[0]}: other destination port`,
        `${webRules[1]}: other source port`,
        '  session 20 (all): accepts it',
        '    ingress 100 accept tcp 0.0.0.0/0 > 0.0.0.0/0: matches',
        'mirrored by session 20 (all)',
      ],
    );
  });
  test('no-match: says so, with the sentence of the reason', () => {
    expect(linesOf('gre 192.0.2.1 > 10.0.0.2', [aPacketSession()])).toEqual([
      'gre 192.0.2.1 > 10.0.0.2 (ingress)',
      '  session 10 (tcp): no rule matches',
      '    ingress 100 accept tcp 0.0.0.0/0 > 0.0.0.0/0: other protocol',
      'not mirrored: no-match. No rule of its direction matches.',
    ]);
  });
  test('says when there is no session to ask', () => {
    expect(linesOf('gre 192.0.2.1 > 10.0.0.2', [])).toEqual([
      'gre 192.0.2.1 > 10.0.0.2 (ingress)',
      '  no session to ask',
      'not mirrored: no-match. No rule of its direction matches.',
    ]);
  });
  test('instance-metadata and arp: asks nobody, and does not blame that on missing sessions', () => {
    expect(linesOf('tcp 10.0.0.2:9 > 169.254.169.254:80', [])).toEqual([
      'tcp 10.0.0.2:9 > 169.254.169.254:80 (ingress)',
      'not mirrored: instance-metadata. AWS never mirrors traffic with the instance metadata service.',
    ]);
    expect(renderAccount(evaluatePacket({ kind: 'arp' }, [], 'egress'))).toEqual([
      'arp (egress)',
      'not mirrored: arp. AWS never mirrors ARP.',
    ]);
  });
  test('amazon-dns: tells which sessions list the service', () => {
    const dns = aPacketSession({ sessionNumber: 20, filter: { networkServices: ['amazon-dns'], rules: [] } });
    expect(linesOf('udp 10.0.0.2:9 > 169.254.169.253:53', [web, dns])).toEqual([
      'udp 10.0.0.2:9 > 169.254.169.253:53 (ingress)',
      '  session 10 (web): does not list amazon-dns under networkServices',
      '  session 20 (tcp): accepts Amazon DNS (networkServices), rules are not asked',
      'mirrored by session 20 (tcp)',
    ]);
  });
});

describe('the account names what is assumed', () => {
  const rejecting = aPacketSession({
    sessionNumber: 5,
    name: 'none',
    filter: { networkServices: [], rules: [aRule({ action: 'reject' })] },
  });
  const common = [
    'tcp 192.0.2.1:9 > 10.0.0.2:22 (ingress)',
    '  session 5 (none): rejects it',
    '    ingress 100 reject any protocol 0.0.0.0/0 > 0.0.0.0/0: matches',
  ];
  test('rejectFallsThrough = true: the packet goes on', () => {
    expect(linesOf('tcp 192.0.2.1:9 > 10.0.0.2:22', [rejecting, aPacketSession()])).toEqual([
      ...common,
      '  session 10 (tcp): accepts it',
      '    ingress 100 accept tcp 0.0.0.0/0 > 0.0.0.0/0: matches',
      'mirrored by session 10 (tcp)',
      'assumed (AWS does not say; rejectFallsThrough = true): a packet that a session rejects is offered to the next session',
    ]);
  });
  test('rejectFallsThrough = false: the packet stays there (rejected)', () => {
    expect(linesOf('tcp 192.0.2.1:9 > 10.0.0.2:22', [rejecting, aPacketSession()], false)).toEqual([
      ...common,
      'not mirrored: rejected. A rule rejects it and no session accepts it.',
      'assumed (AWS does not say; rejectFallsThrough = false): a packet that a session rejects is offered to no further session',
    ]);
  });
  test('a later fragment is assumed to match no rule with ports, where one was asked', () => {
    const assumed = 'assumed (AWS does not say): a later fragment has no ports and matches no rule that names some';
    expect(linesOf('tcp 192.0.2.1 > 10.0.0.2 fragment', [web])).toEqual([
      'tcp 192.0.2.1 > 10.0.0.2 fragment (ingress)',
      '  session 10 (web): no rule matches',
      `${webRules[0]}: other destination port`,
      `${webRules[1]}: other source port`,
      'not mirrored: no-match. No rule of its direction matches.',
      assumed,
    ]);
    const [toPort, fromPort] = web.filter.rules;
    for (const rule of [toPort, fromPort]) {
      const rules = rule === undefined ? [] : [aRule({ protocol: 17 }), rule];
      const session = aPacketSession({ filter: { networkServices: [], rules } });
      expect(linesOf('tcp 192.0.2.1 > 10.0.0.2 fragment', [session])).toContain(assumed);
    }
    const other = aPacketSession({ sessionNumber: 20 });
    expect(linesOf('tcp 192.0.2.1 > 10.0.0.2 fragment', [web, other])).toContain(assumed);
    expect(linesOf('tcp 192.0.2.1 > 10.0.0.2 fragment', [aPacketSession()])).not.toContain(assumed);
    expect(linesOf('udp 192.0.2.1 > 10.0.0.2 fragment', [web])).not.toContain(assumed);
    expect(linesOf('tcp 192.0.2.1:9 > 10.0.0.2:22', [web])).not.toContain(assumed);
  });
});

test('a rule reads in the words of the policy', () => {
  const ports = { sourcePorts: { from: 1024, to: 65_535 }, destinationPorts: { from: 53, to: 53 } };
  const rule = aRule({ direction: 'egress', ruleNumber: 7, action: 'reject', protocol: 17, ...ports });
  expect(describeRule(rule)).toBe('egress 7 reject udp 0.0.0.0/0:1024-65535 > 0.0.0.0/0:53');
});
