import {
  _InstanceType,
  type DescribeInstanceTypesRequest,
  type DescribeInstanceTypesResult,
  type InstanceTypeInfo,
} from '@aws-sdk/client-ec2';
import { refuse } from '../aws-error.ts';
import type { Call, Effect } from '../call.ts';
import { checkPageSize, takePage } from '../paging.ts';
import { compileFilters } from '../row-filters.ts';

/** API_DescribeInstanceTypes: pages of 5 to 100. */
const PAGE_RANGE = { min: 5, max: 100 };
/** The types that the SDK names; new ones come with its updates. */
const TYPES: readonly string[] = Object.values(_InstanceType);
const KNOWN = new Set(TYPES);
/** Families on the Xen hypervisor (ec2/latest/instancetypes/ec2-nitro-instances lists the others). */
const XEN_FAMILIES = new Set(
  't1 t2 m1 m2 m3 m4 c1 c3 c4 cc1 cc2 cg1 cr1 d2 f1 g2 g3 g3s h1 hi1 hs1 i2 i3 p2 p3 r3 r4 x1 x1e'.split(' '),
);

/** Instance types and the little that the emulator knows of them; nothing here tells whether a type can be mirrored. */
export function describeInstanceTypes(
  input: DescribeInstanceTypesRequest,
  call: Call,
): Effect<DescribeInstanceTypesResult> {
  const wanted: readonly string[] = input.InstanceTypes ?? [];
  if (input.MaxResults !== undefined && wanted.length > 0) {
    refuse('InvalidParameterCombination', 'The parameter instanceTypes cannot be used with the parameter maxResults');
  }
  checkPageSize(input.MaxResults, PAGE_RANGE, true);
  if (wanted.length > PAGE_RANGE.max) {
    refuse('InvalidParameterValue', `No more than ${PAGE_RANGE.max} instance types may be given.`);
  }
  const unknown = wanted.filter((type) => !KNOWN.has(type));
  if (unknown.length > 0) {
    refuse('InvalidInstanceType', `The following supplied instance types do not exist: [${unknown.join(', ')}]`);
  }
  const filters = compileFilters<string>(input.Filters, {
    'bare-metal': isBareMetal,
    hypervisor: (type) => (isBareMetal(type) ? undefined : hypervisorOf(type)),
    'instance-type': (type) => type,
  });
  const listed = wanted.length > 0 ? wanted : TYPES;
  const rows = listed.map((row, index) => ({ sequence: index + 1, row }));
  const page = takePage(
    call,
    input,
    (start) => rows.slice(start).filter(({ row }) => filters.every(({ accepts }) => accepts(row))),
    PAGE_RANGE.max,
  );
  return () => ({ InstanceTypes: page.rows.map(showType), NextToken: page.nextToken });
}

function isBareMetal(type: string): boolean {
  return type.split('.')[1]?.startsWith('metal') ?? false;
}

function hypervisorOf(type: string): 'nitro' | 'xen' {
  return XEN_FAMILIES.has(type.split('.')[0] ?? '') ? 'xen' : 'nitro';
}

function showType(type: string): InstanceTypeInfo {
  const bareMetal = isBareMetal(type);
  return {
    InstanceType: type as InstanceTypeInfo['InstanceType'],
    BareMetal: bareMetal,
    Hypervisor: bareMetal ? undefined : hypervisorOf(type),
    NetworkInfo: { EnaSupport: hypervisorOf(type) === 'nitro' ? 'required' : 'supported' },
  };
}
