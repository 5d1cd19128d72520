import { rulesPerFilterMax, vxlanPort } from './limits.ts';
import type { Direction, PortRange, RuleSpec } from './model.ts';
import { readCidr } from './policy-cidr.ts';
import { doubt, type PolicyPath, type Problem, problem } from './policy-problem.ts';
import type { WrittenFilter, WrittenRule } from './policy-schema.ts';
import type { Draft } from './policy-shape.ts';
import { icmp, icmpv6, namedProtocols, tcp, udp } from './protocols.ts';

const directions: readonly Direction[] = ['ingress', 'egress'];

/** The rules of a managed filter as EC2 gets them, guards included, and what is wrong with them as written. */
export interface ReadRules {
  /** Ingress before egress, in ascending number. To be used only when there is no error among the problems. */
  readonly rules: readonly RuleSpec[];
  readonly problems: readonly Problem[];
}

/**
 * Turns the written rules of a managed filter into rule specifications.
 *
 * Unless `allowVxlan: true`, the lowest numbers of both directions are the VXLAN guard's: 1 rejects UDP 4789 of IPv4,
 * 2 that of IPv6 when a rule of the filter is IPv6. It stands first, so that no rule can let a mirror of a mirror pass,
 * and counts towards AWS's ten rules.
 */
export function readRules(filter: Draft<WrittenFilter>, at: PolicyPath): ReadRules {
  const problems: Problem[] = [];
  const rules: RuleSpec[] = [];
  let hasIpv6 = false;
  for (const direction of directions) {
    const firstUse = new Map<number, number>();
    for (const [i, written] of (filter[direction] ?? []).entries()) {
      if (written === undefined) continue;
      const path = [...at, direction, i];
      const { rule, isIpv6 } = readRule(written, direction, path, problems);
      hasIpv6 ||= isIpv6;
      if (rule) rules.push(rule);
      if (written.rule === undefined) continue;
      const twin = firstUse.get(written.rule);
      if (twin === undefined) firstUse.set(written.rule, i);
      else problems.push(repeated(path, direction, written.rule, twin));
    }
  }
  const guards = filter.allowVxlan === true ? [] : directions.flatMap((direction) => guardsOf(direction, hasIpv6));
  problems.push(...checkGuardNumbers(filter, at, guards.length / directions.length));
  problems.push(...checkRuleCount(filter, at, guards.length));
  const sorted = [...guards, ...rules].sort((a, b) => a.ruleNumber - b.ruleNumber);
  return { rules: directions.flatMap((direction) => sorted.filter((rule) => rule.direction === direction)), problems };
}

function readRule(written: Draft<WrittenRule>, direction: Direction, path: PolicyPath, problems: Problem[]) {
  const protocol = readProtocol(written.protocol);
  const source = readNetwork(written.sourceCidr, [...path, 'sourceCidr'], problems);
  const destination = readNetwork(written.destinationCidr, [...path, 'destinationCidr'], problems);
  const sourcePorts = readPorts(written, 'sourcePorts', path, problems);
  const destinationPorts = readPorts(written, 'destinationPorts', path, problems);
  const isIpv6 = source?.family === 6 || destination?.family === 6;
  if (source && destination && source.family !== destination.family) {
    const message = `a rule is of one family: ${source.canonical} and ${destination.canonical} are not`;
    problems.push(
      problem(path, message, 'Write one rule for IPv4 and one for IPv6 [AWS: CreateTrafficMirrorFilterRule].'),
    );
  } else if (source && destination && (isIpv6 ? protocol === icmp : protocol === icmpv6)) {
    const [wrong, right, family] = isIpv6 ? ['icmp', 'icmpv6', 'IPv6'] : ['icmpv6', 'icmp', 'IPv4'];
    problems.push(doubt(path, `${wrong} does not occur in ${family} packets`, `Write protocol: ${right}.`));
  }
  if (!source || !destination || written.rule === undefined || written.action === undefined) {
    return { rule: undefined, isIpv6 };
  }
  const rule: RuleSpec = {
    direction,
    ruleNumber: written.rule,
    action: written.action,
    ...(protocol !== undefined && { protocol }),
    sourceCidr: source.canonical,
    destinationCidr: destination.canonical,
    ...(sourcePorts && { sourcePorts }),
    ...(destinationPorts && { destinationPorts }),
    ...(written.description !== undefined && { description: written.description }),
  };
  return { rule, isIpv6 };
}

/** Undefined means every protocol. */
function readProtocol(protocol: WrittenRule['protocol'] | undefined): number | undefined {
  return typeof protocol === 'string' ? namedProtocols[protocol] : protocol;
}

function readNetwork(text: string | undefined, path: PolicyPath, problems: Problem[]) {
  if (text === undefined) return undefined;
  const cidr = readCidr(text);
  if (cidr === undefined) {
    problems.push(
      problem(path, `"${text}" is no network`, 'Write an address and a prefix length, such as 10.0.0.0/8.'),
    );
  } else if (cidr.hasHostBits) {
    const host = cidr.family === 4 ? '/32' : '/128';
    const hint = `Write ${cidr.canonical} for the network, or ${host} behind the address for the one host.`;
    problems.push(problem(path, `"${text}" has bits set behind its prefix`, hint));
  }
  return cidr;
}

function readPorts(
  rule: Draft<WrittenRule>,
  key: 'sourcePorts' | 'destinationPorts',
  at: PolicyPath,
  problems: Problem[],
): PortRange | undefined {
  const written = rule[key];
  if (written === undefined) return undefined;
  const path = [...at, key];
  const protocol = readProtocol(rule.protocol);
  // A protocol that cannot be read is there as undefined; it may have been one with ports.
  const isFaulty = Object.hasOwn(rule, 'protocol') && rule.protocol === undefined;
  if (!isFaulty && protocol !== tcp && protocol !== udp) {
    const message = `ports need protocol tcp or udp, not ${rule.protocol ?? 'all'}`;
    const hint = 'Remove the ports, or write protocol: tcp or udp [AWS: Traffic mirror filters].';
    problems.push(problem(path, message, hint));
  }
  const [from = 0, to = from] = String(written).split('-').map(Number);
  if (from > to || to > 65_535) {
    problems.push(problem(path, `"${written}" is no range of ports`, 'From the lower to the higher, 0 to 65535.'));
  }
  return { from, to };
}

function guardsOf(direction: Direction, hasIpv6: boolean): RuleSpec[] {
  const networks = hasIpv6 ? ['0.0.0.0/0', '::/0'] : ['0.0.0.0/0'];
  return networks.map((network, i) => ({
    direction,
    ruleNumber: i + 1,
    action: 'reject',
    protocol: udp,
    sourceCidr: network,
    destinationCidr: network,
    destinationPorts: { from: vxlanPort, to: vxlanPort },
    description: 'VXLAN guard: no mirror of a mirror',
  }));
}

function checkGuardNumbers(filter: Draft<WrittenFilter>, at: PolicyPath, guards: number): Problem[] {
  return directions.flatMap((direction) =>
    (filter[direction] ?? []).flatMap((written, i) => {
      if (written?.rule === undefined || written.rule > guards) return [];
      const message = `rule ${written.rule} stands where the VXLAN guard must (${guards === 1 ? '1' : '1 and 2'})`;
      const hint = `Give it a number above ${guards}, or set \`allowVxlan: true\` on the filter to go without the guard.`;
      return [problem([...at, direction, i, 'rule'], message, hint)];
    }),
  );
}

function checkRuleCount(filter: Draft<WrittenFilter>, at: PolicyPath, guards: number): Problem[] {
  const written = (filter.ingress?.length ?? 0) + (filter.egress?.length ?? 0);
  if (written + guards <= rulesPerFilterMax) return [];
  const guarded = guards === 0 ? '' : ` and ${guards} VXLAN guards`;
  const message = `the filter has ${written} rules${guarded}; AWS allows ${rulesPerFilterMax} in both directions together`;
  const lessGuarded = guards === 0 ? '' : ', or set `allowVxlan: true` to go without the guards';
  return [problem(at, message, `Merge rules, or spread them over two tiers${lessGuarded}.`)];
}

function repeated(path: PolicyPath, direction: Direction, ruleNumber: number, twin: number): Problem {
  const message = `rule number ${ruleNumber} stands twice in ${direction} (first in ${direction}[${twin}])`;
  return problem([...path, 'rule'], message, 'Number the rules of a direction differently; the lowest is tried first.');
}
