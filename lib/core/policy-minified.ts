import type { PolicyDocument } from './policy-document.ts';

/** No policy is nested deeper; recursion over hostile text must end. */
const levelsMax = 20;

/**
 * Reads a policy in the form that `policy push` stores: JSON without white space, which needs no reader of YAML.
 * `undefined` for every other text, also for JSON in which a key stands twice: whoever reads that must say so.
 */
export function readMinifiedDocument(text: string): PolicyDocument | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const isMinified = !isDeeper(value, levelsMax) && JSON.stringify(value) === text;
    return isMinified ? { value, problems: [], lineOf: () => 1 } : undefined;
  } catch {
    return undefined;
  }
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1));
}
