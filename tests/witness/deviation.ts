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
