import {
  CreateNetworkInterfaceCommand,
  CreateTrafficMirrorFilterCommand,
  CreateTrafficMirrorSessionCommand,
  type CreateTrafficMirrorSessionCommandInput,
  CreateTrafficMirrorTargetCommand,
  DescribeSubnetsCommand,
  DescribeTrafficMirrorSessionsCommand,
  type EC2Client,
  type Filter,
  RunInstancesCommand,
  type RunInstancesCommandInput,
} from '@aws-sdk/client-ec2';

/** An EC2 that is not necessarily ours: a client, and an image that it lets launch. */
export interface Ec2 {
  readonly ec2: EC2Client;
  readonly imageId: string;
}

/** One thing EC2 does, written against the client alone, so that any EC2 can be asked. */
export interface Rule {
  readonly rule: string;
  /** The page of AWS's documentation that says so; `not documented` where only answers seen in the wild say it. */
  readonly page: string;
  readonly expected: unknown;
  /** Sets the scene with API calls alone and returns what is seen; never throws what EC2 answers. */
  readonly observe: (ec2: Ec2) => Promise<unknown>;
}

/** Makes a network interface that nothing uses. */
export async function makeInterface({ ec2 }: Ec2): Promise<string> {
  const { Subnets: subnets = [] } = await ec2.send(new DescribeSubnetsCommand({}));
  const made = await ec2.send(new CreateNetworkInterfaceCommand({ SubnetId: subnets[0]?.SubnetId }));
  return made.NetworkInterface?.NetworkInterfaceId ?? '';
}

/** Makes a target of an interface, a new one unless told. */
export async function makeTarget(on: Ec2, networkInterfaceId?: string): Promise<string> {
  const NetworkInterfaceId = networkInterfaceId ?? (await makeInterface(on));
  const made = await on.ec2.send(new CreateTrafficMirrorTargetCommand({ NetworkInterfaceId }));
  return made.TrafficMirrorTarget?.TrafficMirrorTargetId ?? '';
}

/** Makes a filter without rules. */
export async function makeFilter({ ec2 }: Ec2): Promise<string> {
  const made = await ec2.send(new CreateTrafficMirrorFilterCommand({}));
  return made.TrafficMirrorFilter?.TrafficMirrorFilterId ?? '';
}

/** A source, a target and a filter, and a way to make sessions of them. */
export interface Scene {
  readonly source: string;
  readonly target: string;
  readonly filter: string;
  readonly create: (input?: Partial<CreateTrafficMirrorSessionCommandInput>) => ReturnType<typeof createSession>;
}

function createSession(on: Ec2, input: CreateTrafficMirrorSessionCommandInput) {
  return on.ec2.send(new CreateTrafficMirrorSessionCommand(input));
}

/** Makes everything that a session takes. */
export async function setScene(on: Ec2): Promise<Scene> {
  const source = await makeInterface(on);
  const target = await makeTarget(on);
  const filter = await makeFilter(on);
  const create: Scene['create'] = (input = {}) =>
    createSession(on, {
      NetworkInterfaceId: source,
      TrafficMirrorTargetId: target,
      TrafficMirrorFilterId: filter,
      SessionNumber: 1,
      ...input,
    });
  return { source, target, filter, create };
}

/** Makes one session of the scene and returns its id. */
export async function makeSession(
  { create }: Scene,
  input: Partial<CreateTrafficMirrorSessionCommandInput> = {},
): Promise<string> {
  return (await create(input)).TrafficMirrorSession?.TrafficMirrorSessionId ?? '';
}

/** The ids of the sessions that a filter finds; all when there is none. */
export async function findSessions({ ec2 }: Ec2, filters?: Filter[]): Promise<string[]> {
  const { TrafficMirrorSessions: found = [] } = await ec2.send(
    new DescribeTrafficMirrorSessionsCommand(filters === undefined ? {} : { Filters: filters }),
  );
  return found.map(({ TrafficMirrorSessionId: id = '' }) => id);
}

/** Launches one small instance and returns its id. */
export async function launch({ ec2, imageId }: Ec2, input: Partial<RunInstancesCommandInput> = {}): Promise<string> {
  const { Instances: made = [] } = await ec2.send(
    new RunInstancesCommand({ ImageId: imageId, InstanceType: 'm5.large', MinCount: 1, MaxCount: 1, ...input }),
  );
  return made[0]?.InstanceId ?? '';
}
