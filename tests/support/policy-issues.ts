import { parsePolicy } from '../../lib/core/policy.ts';

/** All that is said of a policy, in order, as `severity path: message. hint`. */
export function tellIssues(text: string): string[] {
  const parsed = parsePolicy(text);
  const issues = parsed.ok ? parsed.warnings : parsed.issues;
  return issues.map(({ severity, path, message, hint }) => `${severity} ${path}: ${message}. ${hint}`);
}
