import { isIP } from 'node:net';
import type {
  CreateTrafficMirrorFilterRuleRequest,
  CreateTrafficMirrorFilterRuleResult,
  DeleteTrafficMirrorFilterRuleRequest,
  DeleteTrafficMirrorFilterRuleResult,
  DescribeTrafficMirrorFilterRulesRequest,
  DescribeTrafficMirrorFilterRulesResult,
  ModifyTrafficMirrorFilterRuleRequest,
  ModifyTrafficMirrorFilterRuleResult,
  TrafficMirrorFilterRule,
  TrafficMirrorPortRangeRequest,
} from '@aws-sdk/client-ec2';
import type { FilterRule } from '../account.ts';
import { refuse, refuseValue, requireParameter, requireRange } from '../aws-error.ts';
import type { Call, Effect } from '../call.ts';
import { describe } from '../describe.ts';
import { checkMirroringId, findFilter, findRule, refuseMissingMirroring } from '../lookup.ts';
import { checkTagSpecifications, listTags, writeTags } from '../tags.ts';

/** IANA protocol numbers have eight bits, ports sixteen. */
const PROTOCOL_MAX = 255;
const PORT_MAX = 65_535;
/** "Applies to the TCP and UDP protocols" (API_CreateTrafficMirrorFilterRule). */
const PROTOCOLS_WITH_PORTS = new Set<number | undefined>([6, 17]);

/** Adds a rule to a filter: ten in all, a number of its own in its direction. */
export function createTrafficMirrorFilterRule(
  input: CreateTrafficMirrorFilterRuleRequest,
  call: Call,
): Effect<CreateTrafficMirrorFilterRuleResult> {
  const filter = findFilter(call, requireParameter('TrafficMirrorFilterId', input.TrafficMirrorFilterId));
  const fields: Omit<FilterRule, 'ruleId' | 'filterId' | 'createdAt'> = {
    direction: requireParameter('TrafficDirection', input.TrafficDirection),
    ruleNumber: requireParameter('RuleNumber', input.RuleNumber),
    action: requireParameter('RuleAction', input.RuleAction),
    protocol: input.Protocol,
    sourceCidrBlock: requireParameter('SourceCidrBlock', input.SourceCidrBlock),
    destinationCidrBlock: requireParameter('DestinationCidrBlock', input.DestinationCidrBlock),
    sourcePortRange: input.SourcePortRange,
    destinationPortRange: input.DestinationPortRange,
    description: input.Description,
  };
  checkRule(fields);
  const tags = checkTagSpecifications(call, input.TagSpecifications, ['traffic-mirror-filter-rule']);
  if (filter.ruleIds.length >= call.rules.rulesPerFilterMax) {
    refuse('TrafficMirrorFilterRuleLimitExceeded', `Rules per filter limit reached (${call.rules.rulesPerFilterMax}).`);
  }
  requireUnusedNumber(call, filter.ruleIds, fields, undefined);
  return () => {
    const rule: FilterRule = {
      ...fields,
      ruleId: `tmfr-${call.random.hex(17)}`,
      filterId: filter.filterId,
      createdAt: call.now,
    };
    call.account.rules.add(rule.ruleId, rule);
    filter.ruleIds.push(rule.ruleId);
    const given = tags['traffic-mirror-filter-rule'] ?? {};
    writeTags(call, rule.ruleId, given);
    return { TrafficMirrorFilterRule: showRule(rule, given), ClientToken: input.ClientToken };
  };
}

/** Changes what the caller names of a rule and clears what it removes. */
export function modifyTrafficMirrorFilterRule(
  input: ModifyTrafficMirrorFilterRuleRequest,
  call: Call,
): Effect<ModifyTrafficMirrorFilterRuleResult> {
  const rule = findRule(call, requireParameter('TrafficMirrorFilterRuleId', input.TrafficMirrorFilterRuleId));
  const removed = new Set<string>(input.RemoveFields ?? []);
  const changed: FilterRule = {
    ...rule,
    direction: input.TrafficDirection ?? rule.direction,
    ruleNumber: input.RuleNumber ?? rule.ruleNumber,
    action: input.RuleAction ?? rule.action,
    sourceCidrBlock: input.SourceCidrBlock ?? rule.sourceCidrBlock,
    destinationCidrBlock: input.DestinationCidrBlock ?? rule.destinationCidrBlock,
    protocol: removed.has('protocol') ? undefined : (input.Protocol ?? rule.protocol),
    description: removed.has('description') ? undefined : (input.Description ?? rule.description),
    sourcePortRange: removed.has('source-port-range') ? undefined : (input.SourcePortRange ?? rule.sourcePortRange),
    destinationPortRange: removed.has('destination-port-range')
      ? undefined
      : (input.DestinationPortRange ?? rule.destinationPortRange),
  };
  checkRule(changed);
  requireUnusedNumber(call, call.account.filters.get(rule.filterId)?.ruleIds ?? [], changed, rule.ruleId);
  return () => {
    Object.assign(rule, changed);
    return { TrafficMirrorFilterRule: showRule(rule, undefined) };
  };
}

/** Takes a rule out of its filter; sessions that use the filter feel it at once. */
export function deleteTrafficMirrorFilterRule(
  input: DeleteTrafficMirrorFilterRuleRequest,
  call: Call,
): Effect<DeleteTrafficMirrorFilterRuleResult> {
  const rule = findRule(call, requireParameter('TrafficMirrorFilterRuleId', input.TrafficMirrorFilterRuleId));
  return () => {
    const filter = call.account.filters.get(rule.filterId);
    if (filter !== undefined) filter.ruleIds = filter.ruleIds.filter((id) => id !== rule.ruleId);
    call.account.rules.remove(rule.ruleId);
    call.account.tags.remove(rule.ruleId);
    return { TrafficMirrorFilterRuleId: rule.ruleId };
  };
}

/** Rules of one filter or of all, with their tags. */
export function describeTrafficMirrorFilterRules(
  input: DescribeTrafficMirrorFilterRulesRequest,
  call: Call,
): Effect<DescribeTrafficMirrorFilterRulesResult> {
  const { TrafficMirrorFilterId: filterId } = input;
  if (filterId !== undefined) findFilter(call, filterId);
  const page = describe<FilterRule>(call, input, input.TrafficMirrorFilterRuleIds, {
    table: call.account.rules,
    unpagedIds: call.rules.mirroringIdsWithPage === 'refused' ? 'trafficMirrorFilterRuleIdSet' : undefined,
    isVisible: (rule) => call.view.hasMirroring(rule) && (filterId === undefined || rule.filterId === filterId),
    checkId: (id) => checkMirroringId('rule', id),
    refuseMissing: (id) => refuseMissingMirroring(call, 'rule', id),
    fields: {
      description: ({ description }) => description,
      'destination-cidr-block': ({ destinationCidrBlock }) => destinationCidrBlock,
      protocol: ({ protocol }) => protocol,
      'rule-action': ({ action }) => action,
      'rule-number': ({ ruleNumber }) => ruleNumber,
      'source-cidr-block': ({ sourceCidrBlock }) => sourceCidrBlock,
      'traffic-direction': ({ direction }) => direction,
      'traffic-mirror-filter-id': (rule) => rule.filterId,
      'traffic-mirror-filter-rule-id': ({ ruleId }) => ruleId,
    },
  });
  return () => ({
    TrafficMirrorFilterRules: page.rows.map((rule) => showRule(rule, call.view.tagsOf(rule.ruleId))),
    NextToken: page.nextToken,
  });
}

function checkRule(rule: Omit<FilterRule, 'ruleId' | 'filterId' | 'createdAt'>): void {
  if (rule.direction !== 'ingress' && rule.direction !== 'egress') {
    refuseValue('TrafficDirection', rule.direction, "Expecting 'ingress' or 'egress'.");
  }
  if (rule.action !== 'accept' && rule.action !== 'reject') {
    refuseValue('RuleAction', rule.action, "Expecting 'accept' or 'reject'.");
  }
  // No page names a range.
  requireRange('RuleNumber', rule.ruleNumber, 1, Number.MAX_SAFE_INTEGER);
  requireRange('Protocol', rule.protocol, 0, PROTOCOL_MAX);
  const families = [rule.sourceCidrBlock, rule.destinationCidrBlock].map(checkCidrBlock);
  // "Both must be IPv4 or both IPv6" (mirroring/create-traffic-mirroring-filter).
  if (families[0] !== families[1]) {
    refuse('InvalidParameterCombination', 'The source and destination CIDR blocks must be of the same IP version.');
  }
  for (const range of [rule.sourcePortRange, rule.destinationPortRange]) checkPorts(range, rule.protocol);
}

function checkCidrBlock(block: string): number {
  const [address = '', prefix = ''] = block.split('/');
  const family = isIP(address);
  const bits = family === 4 ? 32 : 128;
  if (family === 0 || !/^\d{1,3}$/.test(prefix) || Number(prefix) > bits) {
    refuse(
      'InvalidParameterValue',
      `Value (${block}) for parameter CidrBlock is invalid. This is not a valid CIDR block.`,
    );
  }
  return family;
}

function checkPorts(range: TrafficMirrorPortRangeRequest | undefined, protocol: number | undefined): void {
  if (range === undefined) return;
  requireRange('FromPort', range.FromPort, 0, PORT_MAX);
  requireRange('ToPort', range.ToPort, 0, PORT_MAX);
  if ((range.FromPort ?? 0) > (range.ToPort ?? PORT_MAX)) {
    refuseValue('FromPort', range.FromPort, 'Expecting a value not above ToPort.');
  }
  if (!PROTOCOLS_WITH_PORTS.has(protocol)) {
    refuse('InvalidParameterCombination', 'A port range can only be given with protocol 6 (TCP) or 17 (UDP).');
  }
}

function requireUnusedNumber(
  call: Call,
  ruleIds: readonly string[],
  { direction, ruleNumber }: Pick<FilterRule, 'direction' | 'ruleNumber'>,
  exceptId: string | undefined,
): void {
  for (const id of ruleIds) {
    const other = call.account.rules.get(id);
    if (id !== exceptId && other?.direction === direction && other.ruleNumber === ruleNumber) {
      const message = `The ${direction} rule number ${ruleNumber} is already in use by '${id}'.`;
      refuse('TrafficMirrorFilterRuleAlreadyExists', message);
    }
  }
}

/** A rule as EC2 describes it; only some answers carry its tags. */
export function showRule(
  rule: FilterRule,
  tags: Readonly<Record<string, string>> | undefined,
): TrafficMirrorFilterRule {
  return {
    TrafficMirrorFilterRuleId: rule.ruleId,
    TrafficMirrorFilterId: rule.filterId,
    TrafficDirection: rule.direction,
    RuleNumber: rule.ruleNumber,
    RuleAction: rule.action,
    Protocol: rule.protocol,
    DestinationPortRange: rule.destinationPortRange,
    SourcePortRange: rule.sourcePortRange,
    DestinationCidrBlock: rule.destinationCidrBlock,
    SourceCidrBlock: rule.sourceCidrBlock,
    Description: rule.description,
    Tags: tags === undefined ? undefined : listTags(tags),
  };
}
