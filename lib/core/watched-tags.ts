import type { Policy } from './model.ts';

/** The tag keys that the policy looks at: a change of any other tag changes nothing that we do. */
export function watchedTagKeys({ optIn, coverage, exclude }: Policy): ReadonlySet<string> {
  const matches = [...coverage.map(({ match }) => match), ...exclude];
  return new Set([optIn.tagKey, ...matches.flatMap(({ tags = {} }) => Object.keys(tags))]);
}
