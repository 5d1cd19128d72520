import type { Account } from './account.ts';
import { refuse } from './aws-error.ts';
import { findEc2Accesses } from './iam-ec2.ts';
import { findJsonAccess, type JsonPlace } from './iam-json.ts';
import { type Access, compileStatements, type Decision, type Statement } from './iam-statement.ts';
import { loadIamTable } from './iam-table.ts';
import { TemplateError } from './intrinsics.ts';
import type { AuthorizeJson } from './json-services.ts';
import { findPrincipal, type Principal, type Principals } from './principals.ts';
import type { Rules } from './rules.ts';

/** IAM, as far as it decides what a role may do here. Whoever has no role that is known to it may do everything. */
export interface Iam {
  /** Gives a role its policy; from now on it may do this and nothing else. Throws TemplateError for what is not emulated. */
  readonly putRolePolicy: (roleArn: string, statements: readonly Statement[]) => void;
  /** Stops the call with the service's error code when the caller's role does not allow one of the accesses. */
  readonly authorize: (principal: Principal, accesses: readonly Access[], errorCode: string) => void;
  readonly authorizeEc2: (principal: Principal, call: Ec2Call) => void;
  readonly isAllowed: (roleArn: string, access: Access) => boolean;
}

/** A call to EC2 before anything of it is done. */
export interface Ec2Call {
  readonly account: Account;
  readonly rules: Rules;
  readonly action: string;
  readonly input: Readonly<Record<string, unknown>>;
}

/** An access that a role asked for. */
export interface AccessUse {
  readonly roleArn: string;
  readonly access: Access;
  readonly isAllowed: boolean;
}

/** The same for the services of the JSON protocols, for callers that are known by their access keys. */
export function createJsonAuthorizer(iam: Iam, principals: Principals, place: JsonPlace): AuthorizeJson {
  return (target, input, authorization) => {
    const principal = findPrincipal(principals, place.accountId, authorization);
    const [access, errorCode] = findJsonAccess(target, input, place);
    iam.authorize(principal, [access], errorCode);
  };
}

/** An IAM without roles: everything is allowed until `putRolePolicy` says what is. Tells each access that a role asks for. */
export async function createIam(onAccess: (use: AccessUse) => void = () => {}): Promise<Iam> {
  const table = await loadIamTable();
  const roles = new Map<string, Decision>();

  const authorize: Iam['authorize'] = ({ arn, roleArn = '' }, accesses, errorCode) => {
    const allows = roles.get(roleArn);
    if (allows === undefined) return;
    for (const access of accesses) {
      const isAllowed = allows(access);
      onAccess({ roleArn, access, isAllowed });
      if (isAllowed) continue;
      const { action, resource } = access;
      const what = `User: ${arn} is not authorized to perform: ${action} on resource: ${resource}`;
      refuse(errorCode, `${what} because no identity-based policy allows the ${action} action`, 403);
    }
  };
  return {
    authorize,
    putRolePolicy: (roleArn, statements) => {
      roles.set(roleArn, compileStatements(statements));
    },
    isAllowed: (roleArn, access) => roles.get(roleArn)?.(access) ?? true,
    authorizeEc2: (principal, { account, rules, action, input }) => {
      if (!roles.has(principal.roleArn ?? '')) return;
      const everything = { action: `ec2:${action}`, resource: '*', context: {} };
      const accesses = findEc2Accesses(table, rules, account, action, input);
      // No role here needs these, so that none may have them.
      if (accesses === undefined && roles.get(principal.roleArn ?? '')?.(everything)) {
        throw new TemplateError(`The resources of ec2:${action} are not emulated for IAM.`);
      }
      authorize(principal, accesses ?? [everything], 'UnauthorizedOperation');
    },
  };
}
