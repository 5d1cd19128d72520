/**
 * Requester ids of the interfaces that RDS and ElastiCache create in our subnets, as DescribeNetworkInterfaces shows
 * them: for these services an alias of the service, not an account id [D: "Requester-managed network interfaces", API
 * NetworkInterface.requesterId]. In a policy they serve as the friendly names under `requester`. They are the only
 * requester-managed interfaces that AWS lets be a source [D: Traffic Mirroring limitations, "You can only use
 * requester-managed network interfaces created by Amazon RDS or Amazon ElastiCache"].
 */
const mirrorableRequesterIds: ReadonlySet<string | undefined> = new Set(['amazon-rds', 'amazon-elasticache']);

/** Whether AWS lets an interface of this requester be a source although a service manages it. */
export function isMirrorableRequester(requesterId: string | undefined): boolean {
  return mirrorableRequesterIds.has(requesterId);
}
