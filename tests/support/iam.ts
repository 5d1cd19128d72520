import { readPackagedTemplate } from '../../infra/packaged-template.ts';
import type { EmulatorOptions } from '../../lib/emulator/emulator.ts';
import { type AccessUse, createIam } from '../../lib/emulator/iam.ts';
import type { Statement } from '../../lib/emulator/iam-statement.ts';
import type { Principals } from '../../lib/emulator/principals.ts';
import type { RoleSpec } from '../../lib/emulator/template.ts';
import { readTemplate } from '../../lib/emulator/template.ts';

/** The roles of the two functions, by their logical ids. */
export type FunctionRole = 'OnChangeRole' | 'OnScheduleRole';

/** Where `anEmulatedWorld` stands. */
const place = {
  accountId: '123456789012',
  region: 'us-east-1',
  stackName: 'fleetmirror-prod',
  queuesUrl: 'http://sqs',
};

const template = readTemplate(await readPackagedTemplate('prod'), {}, place);

/** A role of fleet `prod` as the packaged template writes it. */
export function roleOf(logicalId: FunctionRole): RoleSpec {
  const role = template.roles.find((candidate) => candidate.logicalId === logicalId);
  if (role === undefined) throw new Error(`The template has no ${logicalId}.`);
  return role;
}

/** An account in which the calls of `anEmulatedWorld` (key `test`) are made by our roles; everybody else may do everything. */
export interface GuardedAccount {
  readonly options: Pick<EmulatorOptions, 'principals' | 'iam'>;
  /** Every access that our roles asked for. */
  readonly uses: AccessUse[];
  /** From now on our calls are this role's. */
  readonly actAs: (role: FunctionRole) => void;
}

/** Guards an account with the roles of the template, changed as the test wants them. */
export async function aGuardedAccount(
  change: (statements: readonly Statement[]) => readonly Statement[] = (statements) => statements,
): Promise<GuardedAccount> {
  const uses: AccessUse[] = [];
  const iam = await createIam((use) => uses.push(use));
  const principals: { -readonly [Key in keyof Principals]: Principals[Key] } = {};
  for (const { arn, statements } of template.roles) iam.putRolePolicy(arn, change(statements));
  const actAs = (role: FunctionRole) => {
    const arn = `arn:aws:sts::${place.accountId}:assumed-role/${role}/function`;
    principals.test = { type: 'AssumedRole', arn, roleArn: roleOf(role).arn };
  };
  actAs('OnChangeRole');
  return { options: { principals, iam }, uses, actAs };
}
