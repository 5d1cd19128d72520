import type { Action } from '../call.ts';
import { modifyInstanceAttribute, startInstances, stopInstances, terminateInstances } from './change-instances.ts';
import { describeInstances } from './describe-instances.ts';
import { describeNetworkInterfaces } from './describe-interfaces.ts';
import {
  createTrafficMirrorFilterRule,
  deleteTrafficMirrorFilterRule,
  describeTrafficMirrorFilterRules,
  modifyTrafficMirrorFilterRule,
} from './filter-rules.ts';
import {
  createTrafficMirrorFilter,
  deleteTrafficMirrorFilter,
  describeTrafficMirrorFilters,
  modifyTrafficMirrorFilterNetworkServices,
} from './filters.ts';
import { describeInstanceTypes } from './instance-types.ts';
import {
  attachNetworkInterface,
  createNetworkInterface,
  deleteNetworkInterface,
  detachNetworkInterface,
  modifyNetworkInterfaceAttribute,
} from './interfaces.ts';
import { describeNetworkAcls, describeSecurityGroups } from './network-rules.ts';
import { describeSubnets, describeVpcs } from './networks.ts';
import { runInstances } from './run-instances.ts';
import {
  createTrafficMirrorSession,
  deleteTrafficMirrorSession,
  describeTrafficMirrorSessions,
  modifyTrafficMirrorSession,
} from './sessions.ts';
import { createTags, deleteTags, describeTags } from './tags.ts';
import { createTrafficMirrorTarget, deleteTrafficMirrorTarget, describeTrafficMirrorTargets } from './targets.ts';

/** Every EC2 action that the emulator performs, by its name on the wire; the others answer `InvalidAction`. */
export const ACTIONS: Readonly<Record<string, Action>> = {
  AttachNetworkInterface: attachNetworkInterface,
  CreateNetworkInterface: createNetworkInterface,
  CreateTags: createTags,
  CreateTrafficMirrorFilter: createTrafficMirrorFilter,
  CreateTrafficMirrorFilterRule: createTrafficMirrorFilterRule,
  CreateTrafficMirrorSession: createTrafficMirrorSession,
  CreateTrafficMirrorTarget: createTrafficMirrorTarget,
  DeleteNetworkInterface: deleteNetworkInterface,
  DeleteTags: deleteTags,
  DeleteTrafficMirrorFilter: deleteTrafficMirrorFilter,
  DeleteTrafficMirrorFilterRule: deleteTrafficMirrorFilterRule,
  DeleteTrafficMirrorSession: deleteTrafficMirrorSession,
  DeleteTrafficMirrorTarget: deleteTrafficMirrorTarget,
  DescribeInstanceTypes: describeInstanceTypes,
  DescribeInstances: describeInstances,
  DescribeNetworkAcls: describeNetworkAcls,
  DescribeNetworkInterfaces: describeNetworkInterfaces,
  DescribeSecurityGroups: describeSecurityGroups,
  DescribeSubnets: describeSubnets,
  DescribeTags: describeTags,
  DescribeTrafficMirrorFilterRules: describeTrafficMirrorFilterRules,
  DescribeTrafficMirrorFilters: describeTrafficMirrorFilters,
  DescribeTrafficMirrorSessions: describeTrafficMirrorSessions,
  DescribeTrafficMirrorTargets: describeTrafficMirrorTargets,
  DescribeVpcs: describeVpcs,
  DetachNetworkInterface: detachNetworkInterface,
  ModifyInstanceAttribute: modifyInstanceAttribute,
  ModifyNetworkInterfaceAttribute: modifyNetworkInterfaceAttribute,
  ModifyTrafficMirrorFilterNetworkServices: modifyTrafficMirrorFilterNetworkServices,
  ModifyTrafficMirrorFilterRule: modifyTrafficMirrorFilterRule,
  ModifyTrafficMirrorSession: modifyTrafficMirrorSession,
  RunInstances: runInstances,
  StartInstances: startInstances,
  StopInstances: stopInstances,
  TerminateInstances: terminateInstances,
};

/** Whether the action only looks. */
export function isReading(action: string): boolean {
  return action.startsWith('Describe');
}
