import { SSMProvider } from '@aws-lambda-powertools/parameters/ssm';
import { ParameterNotFound, PutParameterCommand, type SSMClient } from '@aws-sdk/client-ssm';
import { parsePolicy } from '../core/policy.ts';
import { decodePolicy, type EncodedPolicy } from '../policy-code.ts';
import type { PolicyReading } from '../ports.ts';

/** Where the policy of a fleet lives in the Parameter Store. */
export function policyParameter(fleet: string): string {
  return `/fleetmirror/${fleet}/policy`;
}

/** Reads and validates the fleet's policy afresh; nothing is remembered, so that a repaired policy works at once. */
export async function readPolicyParameter(client: SSMClient, fleet: string): Promise<PolicyReading> {
  const where = policyParameter(fleet);
  let text: string;
  try {
    const provider = new SSMProvider({ awsSdkV3Client: client });
    const value = await provider.get(where, { decrypt: true, forceFetch: true });
    if (value === undefined) return { kind: 'missing', where };
    text = decodePolicy(value);
  } catch (error) {
    if (error instanceof Error && error.cause instanceof ParameterNotFound) return { kind: 'missing', where };
    return { kind: 'unreadable', where, cause: error instanceof Error ? error.message : String(error) };
  }
  return judgePolicy(text, where, fleet);
}

/** Parses a policy text from anywhere and turns the result into a reading. */
export function judgePolicy(text: string, where: string, fleet?: string): PolicyReading {
  const parsed = parsePolicy(text, { fleet });
  if (!parsed.ok) return { kind: 'invalid', where, issues: parsed.issues };
  return { kind: 'valid', policy: parsed.policy, warnings: parsed.warnings };
}

/** Writes the policy of a fleet. The caller has validated it. */
export async function writePolicyParameter(client: SSMClient, fleet: string, policy: EncodedPolicy): Promise<void> {
  await client.send(
    new PutParameterCommand({
      Name: policyParameter(fleet),
      Description: 'The Traffic Mirroring policy of this fleet, written by `fleetmirror policy push`.',
      Value: policy.value,
      Type: 'String',
      Tier: policy.tier,
      Overwrite: true,
    }),
  );
}
