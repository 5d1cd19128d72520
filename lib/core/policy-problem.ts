/** Something wrong or doubtful in a policy, for its author: where, what, and what to do. */
export interface PolicyIssue {
  /** Such as `tiers[1].sessionNumber`; empty when the whole text is meant. */
  readonly path: string;
  /** Counted from 1; 0 when no line can be named, since the policy was not read from text. */
  readonly line: number;
  readonly message: string;
  readonly hint: string;
  readonly severity: 'error' | 'warning';
}

/** Keys and positions from the root of the policy. */
export type PolicyPath = readonly (string | number)[];

/** An issue before its line is known; `line` only where the text was not readable enough to have paths. */
export interface Problem extends Omit<PolicyIssue, 'path' | 'line'> {
  readonly path: PolicyPath;
  readonly line?: number;
}

/** A fault that makes the policy invalid. */
export function problem(path: PolicyPath, message: string, hint: string): Problem {
  return { path, message, hint, severity: 'error' };
}

/** A doubt that leaves the policy valid. */
export function doubt(path: PolicyPath, message: string, hint: string): Problem {
  return { path, message, hint, severity: 'warning' };
}

/** Problems as issues, in the order of the text; what was found twice is said once. */
export function issuesInOrder(problems: readonly Problem[], lineOf: (path: PolicyPath) => number): PolicyIssue[] {
  const issues = problems.map(({ path, line, message, hint, severity }) => ({
    path: renderPath(path),
    line: line ?? lineOf(path),
    message,
    hint,
    severity,
  }));
  const byText = new Map(issues.map((issue) => [`${issue.line} ${issue.path} ${issue.message}`, issue]));
  return [...byText.values()].sort((a, b) => a.line - b.line);
}

/** `['tiers', 1, 'name']` → `tiers[1].name`. */
export function renderPath(path: PolicyPath): string {
  return path
    .map((segment, i) => (typeof segment === 'number' ? `[${segment}]` : i === 0 ? segment : `.${segment}`))
    .join('');
}
