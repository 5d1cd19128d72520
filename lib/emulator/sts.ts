import { refuse } from './aws-error.ts';
import type { Principal } from './principals.ts';
import { escapeText } from './wire-write.ts';

/** The API version by which a Query request is known to be for STS. */
export const STS_VERSION = '2011-06-15';

/** Tells a caller who it is (STS/latest/APIReference/API_GetCallerIdentity); the one action of STS there is here. */
export function answerSts(action: string, { arn, principalId, accountId }: Principal, requestId: string): string {
  if (action !== 'GetCallerIdentity') {
    return refuse('InvalidAction', `Could not find operation ${action} for version ${STS_VERSION}`);
  }
  const result = `<Arn>${escapeText(arn)}</Arn><UserId>${escapeText(principalId)}</UserId><Account>${accountId}</Account>`;
  return (
    `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">` +
    `<GetCallerIdentityResult>${result}</GetCallerIdentityResult>` +
    `<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata></GetCallerIdentityResponse>`
  );
}
