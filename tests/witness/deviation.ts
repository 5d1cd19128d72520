import { contract } from '../conformance/contract/contract.ts';

/** Where another emulator of EC2 does not do what our contract says. One that no longer occurs fails the suite. */
export interface Deviation {
  /** The rule of `tests/conformance/contract/`. */
  readonly rule: string;
  /** What the witness does instead. */
  readonly does: unknown;
  /** Who AWS's documentation says is right; `nobody` where it is silent. */
  readonly right: 'contract' | 'witness' | 'nobody';
  /** The page that says so, and its words or the gist of them. */
  readonly because: string;
}

/** A witness that only leaves things out: the page behind each rule says who is right. */
export function leavesOut(rows: readonly (readonly [rule: string, does: unknown])[]): readonly Deviation[] {
  return rows.map(([rule, does]) => {
    const because = contract.find((each) => each.rule === rule)?.page ?? 'not documented';
    return { rule, does, right: because === 'not documented' ? 'nobody' : 'contract', because };
  });
}
