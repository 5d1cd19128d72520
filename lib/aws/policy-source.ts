import {
  GetParameterCommand,
  GetParameterHistoryCommand,
  type ParameterHistory,
  PutParameterCommand,
  type SSMClient,
} from '@aws-sdk/client-ssm';
import type { Policy } from '../core/model.ts';
import { readMeaning } from '../core/policy-meaning.ts';
import { readMinifiedDocument } from '../core/policy-minified.ts';
import { verdicts } from '../failure.ts';
import type { EncodedPolicy } from '../policy-code.ts';
import { decodePolicy } from '../policy-decode.ts';
import { readingOf } from '../policy-reading.ts';
import type { PolicyReading } from '../ports.ts';
import { toEc2Failure } from './ec2-errors.ts';
import type { ObjectPlace } from './policy-object.ts';

/** Where the policy of a fleet lives in the Parameter Store. */
export function policyParameter(fleet: string): string {
  return `/fleetmirror/${fleet}/policy`;
}

/** Reads the text of an object of S3. */
export type ReadObject = (place: ObjectPlace) => Promise<string>;

/** The client of S3 is loaded when a parameter names an object, and not before. */
const readObjectOfAccount: ReadObject = async (place) => (await import('./policy-object.ts')).readPolicyObject(place);

/** The object that a value such as `s3://bucket/policies/prod.yml` names; `undefined` for a policy itself. */
export function findObjectPlace(value: string): ObjectPlace | undefined {
  const [, bucket, key] = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])\/(\S{1,1024})$/.exec(value.trim()) ?? [];
  return bucket === undefined || key === undefined ? undefined : { bucket, key };
}

/**
 * Reads and validates the fleet's policy afresh, from the parameter or from the object of S3 that the parameter names;
 * nothing is remembered, so that a repaired policy works at once.
 */
export async function readPolicyParameter(
  client: SSMClient,
  fleet: string,
  readObject: ReadObject = readObjectOfAccount,
): Promise<PolicyReading> {
  const parameter = policyParameter(fleet);
  let where = parameter;
  let text: string;
  try {
    const { Parameter } = await client.send(new GetParameterCommand({ Name: parameter, WithDecryption: true }));
    const value = Parameter?.Value;
    if (value === undefined) return { kind: 'missing', where };
    const place = findObjectPlace(value);
    if (place !== undefined) where = `${value.trim()} (named by ${parameter})`;
    text = place === undefined ? decodePolicy(value) : await readObject(place);
  } catch (error) {
    if (error instanceof Error && error.name === 'ParameterNotFound') return { kind: 'missing', where };
    const isPassing = verdicts[toEc2Failure('ssm:GetParameter', error).kind] === 'retry-now';
    return { kind: 'unreadable', where, cause: error instanceof Error ? error.message : String(error), isPassing };
  }
  return judgeStored(text, where, fleet);
}

/**
 * Judges a stored text. What reads YAML is a sixth of a function's code and slow to start, and `policy push` stores JSON:
 * it is loaded for a text of other origin only.
 */
async function judgeStored(text: string, where: string, fleet: string): Promise<PolicyReading> {
  const document = readMinifiedDocument(text) ?? (await import('../core/policy-document.ts')).readPolicyDocument(text);
  return readingOf(readMeaning(document, { fleet }), where);
}

/** A policy that was in force once; good for reading, never for writing. */
export interface LastGoodPolicy {
  readonly policy: Policy;
  readonly version: number;
  /** Milliseconds since 1970 when it was written; absent when AWS does not say. */
  readonly writtenAtMs?: number;
}

/**
 * The newest version in the parameter's history that is a valid policy of this fleet, for explanations while the
 * current one is broken. `undefined` when there is none: AWS keeps a hundred versions, and none of a deleted parameter.
 * A version that names an object of S3 counts as what the object holds now.
 */
export async function readLastGoodPolicy(
  client: SSMClient,
  fleet: string,
  readObject: ReadObject = readObjectOfAccount,
): Promise<LastGoodPolicy | undefined> {
  const where = policyParameter(fleet);
  const versions = await readHistory(client, where);
  versions.sort((one, other) => (other.Version ?? 0) - (one.Version ?? 0));
  for (const { Value, Version = 0, LastModifiedDate } of versions) {
    const policy = await validPolicy(Value ?? '', where, fleet, readObject);
    if (policy === undefined) continue;
    return { policy, version: Version, ...(LastModifiedDate && { writtenAtMs: LastModifiedDate.getTime() }) };
  }
  return undefined;
}

async function readHistory(client: SSMClient, Name: string): Promise<ParameterHistory[]> {
  const versions: ParameterHistory[] = [];
  let NextToken: string | undefined;
  do {
    const input = { Name, WithDecryption: true, ...(NextToken && { NextToken }) };
    const page = await client.send(new GetParameterHistoryCommand(input));
    versions.push(...(page.Parameters ?? []));
    NextToken = page.NextToken;
  } while (NextToken);
  return versions;
}

async function validPolicy(
  value: string,
  where: string,
  fleet: string,
  readObject: ReadObject,
): Promise<Policy | undefined> {
  try {
    const place = findObjectPlace(value);
    const text = place === undefined ? decodePolicy(value) : await readObject(place);
    const reading = await judgeStored(text, where, fleet);
    return reading.kind === 'valid' ? reading.policy : undefined;
  } catch {
    // A damaged value, or an object that is gone, is one more version that cannot be used.
    return undefined;
  }
}

/**
 * Writes the policy of a fleet and returns the tier of its parameter then. The caller has validated the policy.
 *
 * Intelligent-Tiering is the standard tier as long as that suffices, and never a step back: AWS refuses `Standard` for a
 * parameter that is advanced already [Systems Manager user guide, "Managing parameter tiers"].
 */
export async function writePolicyParameter(
  client: SSMClient,
  fleet: string,
  policy: EncodedPolicy,
): Promise<EncodedPolicy['tier']> {
  const { Tier } = await client.send(
    new PutParameterCommand({
      Name: policyParameter(fleet),
      Description: 'The Traffic Mirroring policy of this fleet, written by `fleetmirror policy push`.',
      Value: policy.value,
      Type: 'String',
      Tier: 'Intelligent-Tiering',
      Overwrite: true,
    }),
  );
  return Tier === 'Standard' || Tier === 'Advanced' ? Tier : policy.tier;
}
