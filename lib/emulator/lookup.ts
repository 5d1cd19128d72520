import type { Filter, FilterRule, Instance, NetworkInterface, Session, Target } from './account.ts';
import { refuse } from './aws-error.ts';
import type { Call } from './call.ts';

/**
 * The two spellings of "there is no such object": what the error reference documents (ec2/devguide/errors-overview),
 * and what real answers carry, as client code that matches them shows.
 */
const NOT_FOUND = {
  session: { documented: 'InvalidTrafficMirrorSessionNotFound', observed: 'InvalidTrafficMirrorSessionId.NotFound' },
  target: { documented: 'InvalidTrafficMirrorTargetNoFound', observed: 'InvalidTrafficMirrorTargetId.NotFound' },
  filter: { documented: 'InvalidTrafficMirrorFilterNotFound', observed: 'InvalidTrafficMirrorFilterId.NotFound' },
  rule: {
    documented: 'InvalidTrafficMirrorFilterRuleNotFound',
    observed: 'InvalidTrafficMirrorFilterRuleId.NotFound',
  },
} as const;

const MIRRORING = {
  session: { prefix: 'tms', name: 'TrafficMirrorSession' },
  target: { prefix: 'tmt', name: 'TrafficMirrorTarget' },
  filter: { prefix: 'tmf', name: 'TrafficMirrorFilter' },
  rule: { prefix: 'tmfr', name: 'TrafficMirrorFilterRule' },
} as const;

/** The four kinds of objects of Traffic Mirroring. */
export type MirroringKind = keyof typeof MIRRORING;

/** Stops the call unless the text has the form of an id: prefix, dash, 8 or 17 hexadecimal digits. */
export function checkId(prefix: string, id: string, code: string, noun: string): void {
  if (!isId(prefix, id)) refuse(code, `Invalid id: "${id}" (expecting "${prefix}-..."; ${noun})`);
}

function isId(prefix: string, id: string): boolean {
  return id.startsWith(`${prefix}-`) && /^(?:[0-9a-f]{8}|[0-9a-f]{17})$/.test(id.slice(prefix.length + 1));
}

/** The same for an object of Traffic Mirroring; AWS names no code of its own for these. */
export function checkMirroringId(kind: MirroringKind, id: string): void {
  const { prefix, name } = MIRRORING[kind];
  checkId(prefix, id, `Invalid${name}Id.Malformed`, name);
}

/** Stops the call because there is no such session, target, filter or rule. */
export function refuseMissingMirroring(call: Call, kind: MirroringKind, id: string): never {
  const { name } = MIRRORING[kind];
  return refuse(NOT_FOUND[kind][call.rules.notFoundSpelling], `The ${name} ID '${id}' does not exist`);
}

/** Stops the call unless the text has the form of an instance id. */
export function checkInstanceId(id: string): void {
  checkId('i', id, 'InvalidInstanceID.Malformed', 'instance');
}

/** Stops the call because there is no such instance. */
export function refuseMissingInstance(id: string): never {
  return refuse('InvalidInstanceID.NotFound', `The instance ID '${id}' does not exist`);
}

/** Stops the call unless the text has the form of an interface id. */
export function checkInterfaceId(id: string): void {
  checkId('eni', id, 'InvalidNetworkInterfaceId.Malformed', 'network interface');
}

/** Stops the call because there is no such interface. */
export function refuseMissingInterface(id: string): never {
  return refuse('InvalidNetworkInterfaceID.NotFound', `The networkInterface ID '${id}' does not exist`);
}

/** Finds an instance or stops the call in EC2's words. */
export function findInstance(call: Call, id: string): Instance {
  checkInstanceId(id);
  return call.account.instances.get(id) ?? refuseMissingInstance(id);
}

/** Finds a network interface or stops the call in EC2's words. */
export function findInterface(call: Call, id: string): NetworkInterface {
  checkInterfaceId(id);
  return call.account.interfaces.get(id) ?? refuseMissingInterface(id);
}

/** Finds a session, whoever owns it, or stops the call. */
export function findSession(call: Call, id: string): Session {
  checkMirroringId('session', id);
  return call.account.sessions.get(id) ?? refuseMissingMirroring(call, 'session', id);
}

/** Finds a target, ours or shared with us, or stops the call. */
export function findTarget(call: Call, id: string): Target {
  checkMirroringId('target', id);
  return call.account.targets.get(id) ?? refuseMissingMirroring(call, 'target', id);
}

/** Finds a filter or stops the call. */
export function findFilter(call: Call, id: string): Filter {
  checkMirroringId('filter', id);
  return call.account.filters.get(id) ?? refuseMissingMirroring(call, 'filter', id);
}

/** Finds a filter rule or stops the call. */
export function findRule(call: Call, id: string): FilterRule {
  checkMirroringId('rule', id);
  return call.account.rules.get(id) ?? refuseMissingMirroring(call, 'rule', id);
}
