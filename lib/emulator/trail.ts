/** What CloudTrail makes of the names of lists; the others become camel case (seen in real records). */
const RENAMED: Readonly<Record<string, string>> = {
  InstanceIds: 'instancesSet',
  Instances: 'instancesSet',
  StartingInstances: 'instancesSet',
  StoppingInstances: 'instancesSet',
  TerminatingInstances: 'instancesSet',
  Resources: 'resourcesSet',
  Tags: 'tagSet',
  TagSpecifications: 'tagSpecificationSet',
  NetworkInterfaces: 'networkInterfaceSet',
  Groups: 'groupSet',
  SecurityGroups: 'groupSet',
  SecurityGroupIds: 'groupSet',
  State: 'instanceState',
  PrivateIpAddresses: 'privateIpAddressesSet',
  Ipv6Addresses: 'ipv6AddressesSet',
  BlockDeviceMappings: 'blockDeviceMapping',
};

/** Lists of plain ids are recorded as lists of objects with this one key. */
const WRAPPED: Readonly<Record<string, string>> = {
  InstanceIds: 'instanceId',
  Resources: 'resourceId',
  SecurityGroupIds: 'groupId',
  Groups: 'groupId',
};

/** Request parameters or response elements over this size are left out of a record (cloudtrail-event-reference-record-contents). */
const ELEMENTS_BYTES_MAX = 100 * 1024;

type Fields = Readonly<Record<string, unknown>>;

/** The `requestParameters` of the CloudTrail record of a call. */
export function trailParameters(action: string, input: Fields): Fields | null {
  if (isWrapped(action)) return cap({ [`${action}Request`]: wrapLists(input) });
  if (action !== 'RunInstances') return cap(trailFields(input));
  const { ImageId: imageId, MinCount: minCount, MaxCount: maxCount, ...others } = input;
  return cap({ instancesSet: { items: [{ imageId, minCount, maxCount }] }, ...trailFields(others) });
}

/** The `responseElements` of the CloudTrail record of a call that succeeded. */
export function trailElements(action: string, output: Fields, requestId: string): Fields | null {
  if (isWrapped(action)) return cap({ [`${action}Response`]: { requestId, ...trailFields(output) } });
  const fields = trailFields(output);
  return cap({ requestId, ...(Object.keys(fields).length === 0 ? { _return: true } : fields) });
}

/** Newer actions, those of Traffic Mirroring among them, are recorded under the name of their request. */
function isWrapped(action: string): boolean {
  return action.includes('TrafficMirror');
}

function cap(elements: Fields): Fields | null {
  return JSON.stringify(elements).length > ELEMENTS_BYTES_MAX ? null : elements;
}

function trailFields(fields: Fields): Record<string, unknown> {
  const shown: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (value !== undefined && name !== 'DryRun') shown[trailName(name)] = trailValue(name, value);
  }
  return shown;
}

function trailName(name: string): string {
  return RENAMED[name] ?? name.charAt(0).toLowerCase() + name.slice(1);
}

function trailValue(name: string, value: unknown): unknown {
  if (value instanceof Date) return value.getTime();
  if (Array.isArray(value)) return trailList(name, value);
  return typeof value === 'object' && value !== null ? trailFields(value as Fields) : value;
}

/** Arrays become `{ items: […] }`, an empty one `{}`; addresses alone are under `item`, and given tags are a bare array. */
function trailList(name: string, values: readonly unknown[]): unknown {
  if (values.length === 0) return {};
  const wrap = WRAPPED[name];
  const items = values.map((value) => {
    if (typeof value !== 'object' && wrap !== undefined) return { [wrap]: value };
    if (name === 'TagSpecifications') return trailTagSpecification(value as Fields);
    return trailValue(name, value);
  });
  return name === 'PrivateIpAddresses' ? { item: items } : { items };
}

function trailTagSpecification({ ResourceType: resourceType, Tags: tags = [] }: Fields): Fields {
  return { resourceType, tags: (tags as readonly Fields[]).map(trailFields) };
}

function wrapLists(fields: Fields): Fields {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.map((content, index) => ({ tag: index + 1, content })) : value,
    ]),
  );
}
