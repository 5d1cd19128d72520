import type { Filter } from '@aws-sdk/client-ec2';
import { refuse } from './aws-error.ts';
import type { Call } from './call.ts';
import { checkPageSize, PAGE_RANGE, type Page, type PageRequest, takePage } from './paging.ts';
import { compileFilters, type FilterFields, type RowFilter } from './row-filters.ts';
import type { Placed, Table } from './table.ts';

/** What one Describe action looks at and how. */
export interface Describable<Row> {
  readonly table: Table<Row>;
  readonly isVisible: (row: Row) => boolean;
  /** AWS's name for the list of ids, where it takes no `MaxResults` beside it. */
  readonly unpagedIds?: string | undefined;
  /** Reads an id of the request; stops the call when it is malformed. */
  readonly checkId: (id: string) => void;
  /** Stops the call because an id names nothing. */
  readonly refuseMissing: (id: string) => never;
  readonly fields: FilterFields<Row>;
  /** Only where AWS documents `tag:<key>` and `tag-key`. */
  readonly tagsOf?: (row: Row) => Readonly<Record<string, string>>;
  /** Filters whose values lead straight to rows; the others walk the table. */
  readonly indexes?: Readonly<Record<string, (value: string) => Iterable<string>>>;
}

/** The parameters that every Describe action shares. */
export interface DescribeRequest extends PageRequest {
  readonly Filters?: readonly Filter[] | undefined;
}

/** Finds one page of what a caller asks for, by ids, filters, both or neither; a missing id fails the whole call. */
export function describe<Row>(
  call: Call,
  request: DescribeRequest,
  ids: readonly string[] | undefined,
  what: Describable<Row>,
): Page<Row> {
  if (what.unpagedIds !== undefined && request.MaxResults !== undefined && (ids?.length ?? 0) > 0) {
    const message = `The parameter ${what.unpagedIds} cannot be used with the parameter maxResults`;
    refuse('InvalidParameterCombination', message);
  }
  checkPageSize(request.MaxResults, PAGE_RANGE);
  const { fields, tagsOf } = what;
  const filters =
    tagsOf === undefined
      ? compileFilters(request.Filters, fields)
      : compileFilters<Row>(
          request.Filters,
          { ...fields, 'tag-key': (row) => Object.keys(tagsOf(row)) },
          (key) => (row) => tagsOf(row)[key],
        );
  const isWanted = (row: Row): boolean => what.isVisible(row) && filters.every(({ accepts }) => accepts(row));
  const candidates = ids !== undefined && ids.length > 0 ? placeByIds(ids, what) : placeByIndex(filters, what);
  return takePage(call, request, (sequence) => rowsAfter(sequence, candidates, what.table, isWanted));
}

function* rowsAfter<Row>(
  sequence: number,
  candidates: readonly Placed<Row>[] | undefined,
  table: Table<Row>,
  isWanted: (row: Row) => boolean,
): Iterable<Placed<Row>> {
  for (const placed of candidates ?? table.after(sequence)) {
    if (placed.sequence > sequence && isWanted(placed.row)) yield placed;
  }
}

function placeByIds<Row>(ids: readonly string[], what: Describable<Row>): readonly Placed<Row>[] {
  for (const id of ids) what.checkId(id);
  const placed = [...new Set(ids)].map((id) => {
    const found = what.table.place(id);
    return found === undefined || !what.isVisible(found.row) ? what.refuseMissing(id) : found;
  });
  return placed.sort((one, other) => one.sequence - other.sequence);
}

function placeByIndex<Row>(
  filters: readonly RowFilter<Row>[],
  { table, indexes = {} }: Describable<Row>,
): readonly Placed<Row>[] | undefined {
  for (const { name, exact } of filters) {
    const find = Object.hasOwn(indexes, name) ? indexes[name] : undefined;
    if (find === undefined || exact === undefined) continue;
    const ids = new Set([...exact].flatMap((value) => [...find(value)]));
    const placed = [...ids].map((id) => table.place(id)).filter((found) => found !== undefined);
    return placed.sort((one, other) => one.sequence - other.sequence);
  }
  return undefined;
}
