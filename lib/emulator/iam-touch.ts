import type { TagSpecification } from '@aws-sdk/client-ec2';
import type { Account } from './account.ts';
import { resourceTypeOf } from './tags.ts';

type Input = Readonly<Record<string, unknown>>;
type Tags = Readonly<Record<string, string>>;

/** A resource that a call would create or use, as IAM looks at it. */
export interface Touch {
  readonly type: string;
  /** Undefined for what the call creates. */
  readonly id: string | undefined;
  /** The tags that the call would give it; undefined when it gives none. */
  readonly givenTags: Tags | undefined;
}

interface Touching {
  readonly creates?: string;
  /** Members of the input that name a resource; one that the caller leaves out is not looked at. */
  readonly uses?: readonly string[];
}

/** What the actions of Traffic Mirroring touch (Service Authorization Reference, Amazon EC2). */
const touching: Readonly<Record<string, Touching>> = {
  CreateTrafficMirrorSession: {
    creates: 'traffic-mirror-session',
    uses: ['NetworkInterfaceId', 'TrafficMirrorTargetId', 'TrafficMirrorFilterId'],
  },
  ModifyTrafficMirrorSession: { uses: ['TrafficMirrorSessionId', 'TrafficMirrorTargetId', 'TrafficMirrorFilterId'] },
  DeleteTrafficMirrorSession: { uses: ['TrafficMirrorSessionId'] },
  CreateTrafficMirrorFilter: { creates: 'traffic-mirror-filter' },
  DeleteTrafficMirrorFilter: { uses: ['TrafficMirrorFilterId'] },
  CreateTrafficMirrorFilterRule: { creates: 'traffic-mirror-filter-rule', uses: ['TrafficMirrorFilterId'] },
  ModifyTrafficMirrorFilterRule: { uses: ['TrafficMirrorFilterRuleId'] },
  DeleteTrafficMirrorFilterRule: { uses: ['TrafficMirrorFilterRuleId'] },
  ModifyTrafficMirrorFilterNetworkServices: { uses: ['TrafficMirrorFilterId'] },
  CreateTrafficMirrorTarget: { creates: 'traffic-mirror-target', uses: ['NetworkInterfaceId'] },
  DeleteTrafficMirrorTarget: { uses: ['TrafficMirrorTargetId'] },
};

/** The actions for which `findTouches` knows the resources, those aside that know none. */
export const touchingActions: readonly string[] = [...Object.keys(touching), 'CreateTags', 'DeleteTags'];

/** The resources of a call, in the order in which it names them; undefined for an action that is not emulated. */
export function findTouches(action: string, input: Input, account: Account): readonly Touch[] | undefined {
  if (action === 'CreateTags' || action === 'DeleteTags') {
    const givenTags = toTags(input.Tags as TagSpecification['Tags']);
    return ((input.Resources ?? []) as readonly string[]).map((id) => use(id, givenTags));
  }
  if (!Object.hasOwn(touching, action)) return undefined;
  const { creates, uses = [] } = touching[action] ?? {};
  const specifications = (input.TagSpecifications ?? []) as readonly TagSpecification[];
  const given = specifications.find(({ ResourceType }) => ResourceType === creates)?.Tags;
  const created = creates === undefined ? [] : [{ type: creates, id: undefined, givenTags: toTags(given) }];
  const used = uses.flatMap((member) => (typeof input[member] === 'string' ? [use(input[member])] : []));
  // A rule stands in a filter, which the caller does not name.
  const filters = used.flatMap(({ id = '' }) => account.rules.get(id)?.filterId ?? []);
  return [...created, ...used, ...filters.map((id) => use(id))];
}

function use(id: string, givenTags?: Tags): Touch {
  return { type: resourceTypeOf(id) ?? 'unknown', id, givenTags };
}

function toTags(tags: TagSpecification['Tags']): Tags | undefined {
  return tags && Object.fromEntries(tags.map(({ Key = '', Value = '' }) => [Key, Value]));
}
