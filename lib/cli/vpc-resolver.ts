import type { Account } from '../aws/connect.ts';
import type { Address } from '../core/cidr.ts';
import { resolverOf } from '../core/vpc-resolver.ts';

/** The addresses of a VPC's own resolver, or what to tell the reader who may not see the VPC. */
export async function findResolvers(
  account: Account,
  vpcId: string,
): Promise<{ readonly resolvers: readonly Address[]; readonly note?: string }> {
  const seen = await (await account.openSurroundings()).readPrimaryCidr(vpcId);
  if (seen.kind === 'denied') {
    const note = `assumed: the VPC's resolver is 169.254.169.253 only; to know its other address, allow ${seen.permission}`;
    return { resolvers: [], note };
  }
  const resolver = seen.value === undefined ? undefined : resolverOf(seen.value);
  return { resolvers: resolver === undefined ? [] : [resolver] };
}
