import { createIam, type Iam } from '../../lib/emulator/iam.ts';
import type { Principals } from '../../lib/emulator/principals.ts';

/** Somebody at the command line who may do some things only. */
export interface Auditor {
  readonly options: { readonly principals: Principals; readonly iam: Iam };
  /** For `runCli`: the auditor's keys. */
  readonly environment: Readonly<Record<string, string>>;
}

/** An auditor whose role allows these actions on everything, for example `['ec2:Describe*']`, and nothing else. */
export async function anAuditor(actions: readonly string[]): Promise<Auditor> {
  const roleArn = 'arn:aws:iam::123456789012:role/auditor';
  const iam = await createIam();
  iam.putRolePolicy(roleArn, [{ Effect: 'Allow', Action: [...actions], Resource: '*' }]);
  const arn = 'arn:aws:sts::123456789012:assumed-role/auditor/laptop';
  return {
    options: { principals: { AKIAAUDITOR: { type: 'AssumedRole', arn, roleArn } }, iam },
    environment: { AWS_ACCESS_KEY_ID: 'AKIAAUDITOR', AWS_SECRET_ACCESS_KEY: 'example', AWS_REGION: 'us-east-1' },
  };
}
