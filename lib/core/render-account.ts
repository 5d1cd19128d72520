import type { Account, RuleTrial, SessionTrial } from './evaluate.ts';
import type { PortRange, RuleSpec } from './model.ts';
import { unmirroredReasons } from './packet.ts';
import { describePacket, describeProtocol } from './packet-text.ts';

/** The account of one packet as lines for a reader: each session asked, each rule tried, the verdict, what it rests on. */
export function renderAccount(account: Account): string[] {
  const { facts, direction, trials, verdict, restsOnRejectFallsThrough, setting } = account;
  const lines = [`${describePacket(facts)} (${direction})`];
  for (const trial of trials) lines.push(...renderTrial(trial).map((line) => `  ${line}`));
  if (trials.length === 0 && facts.kind === 'ip' && account.special === undefined) lines.push('  no session to ask');
  lines.push(
    verdict.kind === 'mirrored'
      ? `mirrored by session ${verdict.sessionNumber} (${verdict.name})`
      : `not mirrored: ${verdict.because}. ${unmirroredReasons[verdict.because]}`,
  );
  if (restsOnRejectFallsThrough) {
    const answer = setting.rejectFallsThrough ? 'is offered to the next session' : 'is offered to no further session';
    lines.push(
      `assumed (AWS does not say; rejectFallsThrough = ${setting.rejectFallsThrough}): a packet that a session rejects ${answer}`,
    );
  }
  if (facts.kind === 'ip' && facts.fragment === 'later' && trials.some(({ rules }) => rules.some(asksForPorts))) {
    lines.push('assumed (AWS does not say): a later fragment has no ports and matches no rule that names some');
  }
  return lines;
}

/** One rule in the words of the policy: `ingress 10 accept tcp 10.0.0.0/8 > 0.0.0.0/0:443`. */
export function describeRule(rule: RuleSpec): string {
  const protocol = rule.protocol === undefined ? 'any protocol' : describeProtocol(rule.protocol);
  const source = `${rule.sourceCidr}${describePorts(rule.sourcePorts)}`;
  const destination = `${rule.destinationCidr}${describePorts(rule.destinationPorts)}`;
  return `${rule.direction} ${rule.ruleNumber} ${rule.action} ${protocol} ${source} > ${destination}`;
}

const outcomes: Readonly<Record<SessionTrial['outcome'], string>> = {
  accepted: 'accepts it',
  rejected: 'rejects it',
  'no-match': 'no rule matches',
  'service-accepted': 'accepts Amazon DNS (networkServices), rules are not asked',
  'service-absent': 'does not list amazon-dns under networkServices',
};

function renderTrial({ sessionNumber, name, outcome, rules }: SessionTrial): string[] {
  const heading = `session ${sessionNumber} (${name}): ${outcomes[outcome]}`;
  return [
    heading,
    ...rules.map(({ rule, differs }) => `  ${describeRule(rule)}: ${differs ? `other ${differs}` : 'matches'}`),
  ];
}

function describePorts(range: PortRange | undefined): string {
  if (range === undefined) return '';
  return range.from === range.to ? `:${range.from}` : `:${range.from}-${range.to}`;
}

function asksForPorts({ differs }: RuleTrial): boolean {
  return differs === 'source port' || differs === 'destination port';
}
