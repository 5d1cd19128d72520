/** EC2's answer to "may I?": a bucket of tokens per action, one token a call. */
export interface Throttle {
  /** Takes the tokens a call needs; false when there are none, and then takes nothing. */
  readonly take: (action: string, input: Readonly<Record<string, unknown>>, now: number) => boolean;
  /** How many calls were refused, by action. */
  readonly refused: ReadonlyMap<string, number>;
  readonly setEnabled: (isEnabled: boolean) => void;
  readonly clearCounts: () => void;
}

interface BucketSize {
  readonly capacity: number;
  readonly perSecond: number;
}

const READING: BucketSize = { capacity: 100, perSecond: 20 };
const READING_EVERYTHING: BucketSize = { capacity: 50, perSecond: 10 };
const CHANGING: BucketSize = { capacity: 50, perSecond: 5 };

/** ec2/latest/devguide/ec2-api-throttling: the actions with a bucket of their own size. */
const SIZES: Readonly<Record<string, BucketSize>> = {
  CreateTags: { capacity: 100, perSecond: 10 },
  DeleteTags: { capacity: 100, perSecond: 10 },
  CreateNetworkInterface: { capacity: 100, perSecond: 5 },
  DeleteNetworkInterface: { capacity: 100, perSecond: 5 },
  ModifyNetworkInterfaceAttribute: { capacity: 100, perSecond: 5 },
  RunInstances: { capacity: 5, perSecond: 2 },
  StartInstances: { capacity: 5, perSecond: 2 },
  TerminateInstances: { capacity: 100, perSecond: 5 },
};

/** The same page: the reads that cost more when nothing narrows them. */
const DEAR_WHEN_UNFILTERED = new Set(['DescribeInstances', 'DescribeNetworkInterfaces']);

/** The same page: a second bucket, with one token for each instance. */
const RESOURCE_SIZES: Readonly<Record<string, BucketSize>> = {
  RunInstances: { capacity: 1_000, perSecond: 2 },
  StartInstances: { capacity: 1_000, perSecond: 2 },
  StopInstances: { capacity: 1_000, perSecond: 20 },
  TerminateInstances: { capacity: 1_000, perSecond: 20 },
};

interface Bucket {
  tokens: number;
  filledAt: number;
}

/** Whether the buckets apply, and how they count what the page leaves open. */
export interface ThrottleOptions {
  /** False lets every call through. */
  readonly isEnabled: boolean;
  /** Whether a list of ids, without a filter or a page, counts as a filter; it does not unless told. */
  readonly idsNarrow?: boolean;
}

/** Sets up full buckets. */
export function createThrottle(options: ThrottleOptions): Throttle {
  const { idsNarrow = false } = options;
  let { isEnabled } = options;
  const buckets = new Map<string, Bucket>();
  const refused = new Map<string, number>();

  return {
    refused,
    setEnabled: (value) => {
      isEnabled = value;
    },
    clearCounts: () => refused.clear(),
    take: (action, input, now) => {
      if (!isEnabled) return true;
      const calls = { bucket: fill(buckets, bucketOf(action, input, idsNarrow), now), count: 1 };
      const size = RESOURCE_SIZES[action];
      const resources =
        size === undefined
          ? []
          : [{ bucket: fill(buckets, { name: `${action}/resources`, size }, now), count: countInstances(input) }];
      const needs = [calls, ...resources];
      if (needs.some(({ bucket, count }) => bucket.tokens < count)) {
        refused.set(action, (refused.get(action) ?? 0) + 1);
        return false;
      }
      for (const { bucket, count } of needs) bucket.tokens -= count;
      return true;
    },
  };
}

function bucketOf(
  action: string,
  input: Readonly<Record<string, unknown>>,
  idsNarrow: boolean,
): { readonly name: string; readonly size: BucketSize } {
  const hasIds = input.InstanceIds !== undefined || input.NetworkInterfaceIds !== undefined;
  const isPaged = input.MaxResults !== undefined || input.NextToken !== undefined;
  const isNarrowed = input.Filters !== undefined || isPaged || (idsNarrow && hasIds);
  if (DEAR_WHEN_UNFILTERED.has(action) && !isNarrowed) {
    return { name: `${action}/everything`, size: READING_EVERYTHING };
  }
  return { name: action, size: SIZES[action] ?? (action.startsWith('Describe') ? READING : CHANGING) };
}

/** Tokens come once a second, up to the capacity. */
function fill(
  buckets: Map<string, Bucket>,
  { name, size }: { readonly name: string; readonly size: BucketSize },
  now: number,
): Bucket {
  let bucket = buckets.get(name);
  if (bucket === undefined) {
    bucket = { tokens: size.capacity, filledAt: now };
    buckets.set(name, bucket);
  }
  const seconds = Math.floor((now - bucket.filledAt) / 1000);
  if (seconds > 0) {
    bucket.tokens = Math.min(size.capacity, bucket.tokens + seconds * size.perSecond);
    bucket.filledAt += seconds * 1000;
  }
  return bucket;
}

function countInstances(input: Readonly<Record<string, unknown>>): number {
  const ids = input.InstanceIds;
  if (Array.isArray(ids)) return ids.length;
  const count = input.MaxCount;
  return typeof count === 'number' ? count : 1;
}
