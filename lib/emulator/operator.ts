import type { OperatorResponse } from '@aws-sdk/client-ec2';
import type { Operator } from './account.ts';

/**
 * Whether a Describe shows a resource. One that an AWS service runs may be hidden from whoever does not ask for such
 * (`IncludeManagedResources` of API_DescribeInstances and API_DescribeNetworkInterfaces).
 */
export function isShown({ operator }: { readonly operator: Operator | undefined }, includesManaged = false): boolean {
  return includesManaged || operator?.hiddenByDefault !== true;
}

/** The operator as EC2 describes it; nothing for a resource that nobody but the customer runs. */
export function showOperator(operator: Operator | undefined): OperatorResponse | undefined {
  if (operator === undefined) return undefined;
  return { Managed: true, Principal: operator.principal, HiddenByDefault: operator.hiddenByDefault };
}
