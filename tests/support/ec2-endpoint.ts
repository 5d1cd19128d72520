import {
  CreateSubnetCommand,
  CreateVpcCommand,
  DeleteNetworkInterfaceCommand,
  DeleteTrafficMirrorFilterCommand,
  DeleteTrafficMirrorSessionCommand,
  DeleteTrafficMirrorTargetCommand,
  DescribeImagesCommand,
  DescribeInstancesCommand,
  DescribeNetworkInterfacesCommand,
  DescribeSubnetsCommand,
  DescribeTrafficMirrorFiltersCommand,
  DescribeTrafficMirrorSessionsCommand,
  DescribeTrafficMirrorTargetsCommand,
  EC2Client,
  TerminateInstancesCommand,
} from '@aws-sdk/client-ec2';
import type { Ec2 } from '../conformance/contract/rule.ts';

/** An emulator of EC2 that somebody else has started. */
export interface Ec2Endpoint {
  /** Its account, with everything gone that the last rule left. */
  readonly open: () => Promise<Ec2>;
  readonly close: () => void;
}

/** Emulators that know no images launch from any id. */
const ANY_IMAGE = 'ami-0123456789abcdef0';

/**
 * Takes an emulator of EC2 for the contract. Between rules everything that they make is deleted, so it rejects AWS
 * itself and an account in which something is mirrored already.
 */
export async function useEndpoint(endpoint: string): Promise<Ec2Endpoint> {
  const { hostname } = new URL(endpoint);
  if (/(^|\.)(amazonaws\.com(\.cn)?|api\.aws)$/.test(hostname)) {
    throw new Error(`${hostname} is AWS: the contract deletes what it finds, so it is only for emulators.`);
  }
  const ec2 = new EC2Client({
    region: 'us-east-1',
    endpoint,
    credentials: { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'example' },
    maxAttempts: 1,
  });
  const { TrafficMirrorSessions: found = [] } = await ec2.send(new DescribeTrafficMirrorSessionsCommand({}));
  if (found.length > 0) {
    throw new Error(`${hostname} has ${found.length} sessions: the contract deletes what it finds, so it wants none.`);
  }
  const imageId = await findImage(ec2);
  return {
    open: async () => {
      await empty(ec2);
      await requireSubnet(ec2);
      return { ec2, imageId };
    },
    close: () => ec2.destroy(),
  };
}

async function findImage(ec2: EC2Client): Promise<string> {
  const { Images: images = [] } = await ec2.send(new DescribeImagesCommand({})).catch(() => ({ Images: [] }));
  return images[0]?.ImageId ?? ANY_IMAGE;
}

async function requireSubnet(ec2: EC2Client): Promise<void> {
  const { Subnets: subnets = [] } = await ec2.send(new DescribeSubnetsCommand({}));
  if (subnets.length > 0) return;
  const { Vpc: vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: '10.0.0.0/16' }));
  await ec2.send(new CreateSubnetCommand({ VpcId: vpc?.VpcId, CidrBlock: '10.0.0.0/20' }));
}

/** Sessions first, since they keep the others; what cannot be deleted stays, and shows in the rules that count it. */
async function empty(ec2: EC2Client): Promise<void> {
  const ignore = () => undefined;
  const { TrafficMirrorSessions: sessions = [] } = await ec2.send(new DescribeTrafficMirrorSessionsCommand({}));
  for (const { TrafficMirrorSessionId } of sessions) {
    await ec2.send(new DeleteTrafficMirrorSessionCommand({ TrafficMirrorSessionId })).catch(ignore);
  }
  const { TrafficMirrorTargets: targets = [] } = await ec2.send(new DescribeTrafficMirrorTargetsCommand({}));
  for (const { TrafficMirrorTargetId } of targets) {
    await ec2.send(new DeleteTrafficMirrorTargetCommand({ TrafficMirrorTargetId })).catch(ignore);
  }
  const { TrafficMirrorFilters: filters = [] } = await ec2.send(new DescribeTrafficMirrorFiltersCommand({}));
  for (const { TrafficMirrorFilterId } of filters) {
    await ec2.send(new DeleteTrafficMirrorFilterCommand({ TrafficMirrorFilterId })).catch(ignore);
  }
  const { Reservations: reservations = [] } = await ec2.send(new DescribeInstancesCommand({}));
  const ids = reservations.flatMap(({ Instances: each = [] }) => each.map(({ InstanceId: id = '' }) => id));
  if (ids.length > 0) await ec2.send(new TerminateInstancesCommand({ InstanceIds: ids })).catch(ignore);
  const { NetworkInterfaces: interfaces = [] } = await ec2.send(new DescribeNetworkInterfacesCommand({}));
  for (const { NetworkInterfaceId, Status } of interfaces) {
    if (Status !== 'available') continue;
    await ec2.send(new DeleteNetworkInterfaceCommand({ NetworkInterfaceId })).catch(ignore);
  }
}
