import { readPolicyDocument } from './policy-document.ts';
import { type ExpectedPolicy, type ParsedPolicy, readMeaning } from './policy-meaning.ts';

export type { ParsedPolicy } from './policy-meaning.ts';
export type { PolicyIssue } from './policy-problem.ts';

/** Reads a policy from its YAML (or JSON), as `readMeaning` says. Never throws, whatever the text. */
export function parsePolicy(text: string, expected: ExpectedPolicy = {}): ParsedPolicy {
  return readMeaning(readPolicyDocument(text), expected);
}
