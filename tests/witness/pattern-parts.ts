/**
 * The patterns without any choice (no `$or`, one element in every array) of which one must match exactly when the whole
 * pattern does. An engine whose verdict on the whole differs from its verdicts on the parts contradicts itself.
 */
export function partsOf(pattern: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Object.entries(pattern as object).reduce<readonly Readonly<Record<string, unknown>>[]>(
    (parts, [key, value]) => {
      const choices =
        key === '$or'
          ? (value as readonly unknown[]).flatMap(partsOf)
          : choicesOf(value).map((choice) => ({ [key]: choice }));
      return parts.flatMap((part) => choices.map((choice) => ({ ...part, ...choice })));
    },
    [{}],
  );
}

function choicesOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value.map((element) => [element]) : partsOf(value);
}
