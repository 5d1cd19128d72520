/** Ways out that only the command line takes, beside `lib/ports.ts`: looking, never changing. */
import type { Destination, LoadBalancer, NetworkAcl, SecurityGroup, Seen } from './core/preflight-facts.ts';

/**
 * What stands around sources and targets. A read that the caller may not make answers with the permission that is
 * missing; any other failure is thrown as `Ec2Failure`.
 */
export interface Surroundings {
  /** Every target that the account owns or that is shared with it, with what stands behind it. */
  readDestinations(): Promise<readonly Destination[]>;
  readSecurityGroups(groupIds: readonly string[]): Promise<Seen<readonly SecurityGroup[]>>;
  readNetworkAcls(subnetIds: readonly string[]): Promise<Seen<readonly NetworkAcl[]>>;
  /** Those of the subnets that have no IPv4. */
  findIpv6OnlySubnets(subnetIds: readonly string[]): Promise<Seen<readonly string[]>>;
  /** The IPv4 network that a VPC began with; `undefined` when EC2 does not show the VPC. */
  readPrimaryCidr(vpcId: string): Promise<Seen<string | undefined>>;
  /** `undefined`: there is no load balancer of this ARN. */
  readLoadBalancer(arn: string): Promise<Seen<LoadBalancer> | undefined>;
}
