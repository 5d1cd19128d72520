import type { Filter } from '@aws-sdk/client-ec2';
import { refuse, requireParameter } from './aws-error.ts';
import { compileFilterPattern } from './filter-pattern.ts';

/** How to read the value, or values, that one documented filter name looks at. */
export type FilterFields<Row> = Readonly<Record<string, (row: Row) => FilterValue>>;
/** What a row offers to a filter: one value, alternatives, or nothing, which no filter accepts. */
export type FilterValue = string | number | boolean | readonly string[] | undefined;

/** How to read the value of the tag that a filter `tag:<key>` names; only where AWS documents such a filter. */
export type TagReader<Row> = (key: string) => (row: Row) => string | undefined;

const TAG_PREFIX = 'tag:';

/** ec2/UserGuide/Using_Filtering: at most 50 filters, 200 values in all, 255 characters each. */
const FILTERS_MAX = 50;
const VALUES_MAX = 200;
const VALUE_CHARACTERS_MAX = 255;

/** One filter of a request, ready to be asked. */
export interface RowFilter<Row> {
  readonly name: string;
  /** The values without wildcards, when all are; an index can answer these. */
  readonly exact: ReadonlySet<string> | undefined;
  readonly accepts: (row: Row) => boolean;
}

/**
 * Makes a request's filters ready: values are alternatives, filters are conditions that must all hold.
 * A name that is not in `fields` is refused in AWS's words, also where AWS knows it and this emulator does not:
 * a wrong answer would be worse.
 */
export function compileFilters<Row>(
  filters: readonly Filter[] | undefined,
  fields: FilterFields<Row>,
  readTag?: TagReader<Row>,
): readonly RowFilter<Row>[] {
  if (filters === undefined) return [];
  if (filters.length > FILTERS_MAX) {
    refuse('FilterLimitExceeded', `The maximum number of filters specified in a single call is ${FILTERS_MAX}`);
  }
  const valueCount = filters.reduce((count, { Values: values }) => count + (values?.length ?? 0), 0);
  if (valueCount > VALUES_MAX) {
    refuse('FilterLimitExceeded', `The maximum number of filter values specified on a single call is ${VALUES_MAX}`);
  }
  return filters.map((filter) => compileFilter(filter, fields, readTag));
}

function compileFilter<Row>(
  filter: Filter,
  fields: FilterFields<Row>,
  readTag: TagReader<Row> | undefined,
): RowFilter<Row> {
  const name = requireParameter('Filter.Name', filter.Name);
  const values = filter.Values ?? [];
  if (values.length === 0) refuse('InvalidParameterValue', `The filter '${name}' has no values`);
  if (values.some((value) => value.length > VALUE_CHARACTERS_MAX)) {
    refuse('InvalidParameterValue', `The filter '${name}' has a value longer than ${VALUE_CHARACTERS_MAX} characters`);
  }
  const read = findField(name, fields, readTag);
  const matches = compileValues(values);
  return {
    name,
    exact: values.some(hasWildcard) ? undefined : new Set(values),
    accepts: (row) => {
      const value = read(row);
      if (value === undefined) return false;
      return typeof value === 'object' ? value.some(matches) : matches(String(value));
    },
  };
}

function findField<Row>(
  name: string,
  fields: FilterFields<Row>,
  readTag: TagReader<Row> | undefined,
): (row: Row) => FilterValue {
  if (Object.hasOwn(fields, name)) {
    const field = fields[name];
    if (field !== undefined) return field;
  }
  if (readTag !== undefined && name.startsWith(TAG_PREFIX)) return readTag(name.slice(TAG_PREFIX.length));
  return refuse('InvalidParameterValue', `The filter '${name}' is invalid`);
}

function hasWildcard(value: string): boolean {
  return /[*?\\]/.test(value);
}

function compileValues(values: readonly string[]): (value: string) => boolean {
  const exact = new Set(values.filter((value) => !hasWildcard(value)));
  const patterns = values.filter(hasWildcard).map(compileFilterPattern);
  return (value) => exact.has(value) || patterns.some((matches) => matches(value));
}
