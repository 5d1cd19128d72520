/** Who calls: an IAM user, or a role's session, which alone has an issuer. */
export interface Principal {
  readonly type: 'IAMUser' | 'AssumedRole';
  readonly arn: string;
  readonly accountId: string;
  readonly principalId: string;
  readonly accessKeyId: string;
  /** The role behind an assumed-role session. */
  readonly roleArn?: string;
}

/** Callers by access key id; what `aws` would know from IAM. */
export type Principals = Readonly<Record<string, Pick<Principal, 'type' | 'arn' | 'roleArn'>>>;

/** Finds the caller from the access key id of a SigV4 `Authorization` header; signatures are not checked. */
export function findPrincipal(principals: Principals, accountId: string, authorization: string | undefined): Principal {
  const accessKeyId = /Credential=([^/,\s]+)\//.exec(authorization ?? '')?.[1] ?? 'AKIAEXAMPLE';
  const known = principals[accessKeyId] ?? { type: 'IAMUser', arn: `arn:aws:iam::${accountId}:user/operator` };
  const name = known.arn.split('/').at(-1) ?? '';
  const principalId = known.type === 'AssumedRole' ? `AROAEXAMPLEID:${name}` : 'AIDAEXAMPLEID';
  return { ...known, accountId: known.arn.split(':')[4] ?? accountId, principalId, accessKeyId };
}
