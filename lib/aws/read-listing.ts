/**
 * Reads a listing of EC2 to its end: page by page (an empty page with a token is not the end), at most 200 filter values a
 * call, never with an empty list of values, which EC2 would take for "everything".
 */
import type { Filter } from '@aws-sdk/client-ec2';
import { filterValuesPerCallMax, pageRowsMax } from '../core/limits.ts';
import { Ec2Failure, isEc2Failure } from '../failure.ts';
import { retryRead } from '../pace.ts';
import type { Clock, Log } from '../ports.ts';
import { attempt } from './attempt.ts';
import { listingSilenceMsMax, silenceMsMax } from './client-settings.ts';

/** What EC2 is asked for: everything, or rows whose field has one of some values. */
export type Selector = 'all' | { readonly name: string; readonly values: readonly string[] };

interface Page<Row> {
  readonly rows: readonly Row[];
  readonly nextToken: string | undefined;
}

/** How long one call is waited for, as the SDK's clients take it. */
interface Patience {
  /** From the start of the call to the head of its answer. */
  readonly requestTimeout: number;
  /** Ends the call wherever it is. */
  readonly abortSignal?: AbortSignal;
}

interface Listing<Row> {
  /** The EC2 action. */
  readonly operation: string;
  readonly selector: Selector;
  readonly extraFilters?: readonly Filter[];
  /** Milliseconds since 1970; absent where nobody's time runs out. */
  readonly deadlineAtMs: number | undefined;
  readonly readPage: (input: ReturnType<typeof pageInput>, patience: Patience) => Promise<Page<Row>>;
}

/** What reading takes besides EC2. Calls that it throttles are counted in `log`, when there is one. */
export interface ListingTools {
  readonly clock: Clock;
  readonly random: () => number;
  readonly log?: Pick<Log, 'count'> | undefined;
}

/** All rows of a listing. Throws `Ec2Failure` when a page is not to be had, or not before the deadline. */
export async function readListing<Row>(listing: Listing<Row>, tools: ListingTools): Promise<Row[]> {
  const { selector, extraFilters = [] } = listing;
  if (selector === 'all') return readPages(listing, tools, undefined);
  const rows: Row[] = [];
  const valuesMax = filterValuesPerCallMax - extraFilters.length;
  for (let start = 0; start < selector.values.length; start += valuesMax) {
    const values = selector.values.slice(start, start + valuesMax);
    const filters = [{ Name: selector.name, Values: values }, ...extraFilters];
    for (const row of await readPages(listing, tools, filters)) rows.push(row);
  }
  return rows;
}

/**
 * The first call is given up as early as any other, since a connection may have died; after each that was given up the
 * rest of the listing has twice the time for a page, since EC2 may be slow today.
 */
async function readPages<Row>(
  { operation, deadlineAtMs = Number.POSITIVE_INFINITY, readPage }: Listing<Row>,
  { clock, random, log }: ListingTools,
  filters: Filter[] | undefined,
): Promise<Row[]> {
  let silenceMs = silenceMsMax;
  const tryPage = async (nextToken: string | undefined): Promise<Page<Row>> => {
    const leftMs = deadlineAtMs - clock.now();
    if (leftMs < 0) throw new Ec2Failure('unavailable', operation, 'TimeoutError', new Error('no time is left for it'));
    try {
      return await attempt(operation, () => readPage(pageInput(filters, nextToken), patienceFor(silenceMs, leftMs)));
    } catch (error) {
      if (isEc2Failure(error) && error.kind === 'throttled') log?.count('Throttles');
      if (isEc2Failure(error) && error.code === 'TimeoutError') {
        silenceMs = Math.min(2 * silenceMs, listingSilenceMsMax);
      }
      throw error;
    }
  };
  const rows: Row[] = [];
  let nextToken: string | undefined;
  do {
    const token = nextToken;
    const page = await retryRead(() => tryPage(token), { clock, random, deadlineAtMs });
    for (const row of page.rows) rows.push(row);
    nextToken = page.nextToken || undefined;
  } while (nextToken !== undefined);
  return rows;
}

function pageInput(filters: Filter[] | undefined, nextToken: string | undefined) {
  return { Filters: filters, NextToken: nextToken, MaxResults: pageRowsMax };
}

/** The longest that Node.js waits [Node.js: timers, `setTimeout`]; with more it would not wait at all. */
const timerMsMax = 2 ** 31 - 1;

/** An answer may begin in time and go on for long, so that the deadline is a limit of its own. */
function patienceFor(silenceMs: number, leftMs: number): Patience {
  // To the SDK nothing is not "at once" but "without limit".
  const requestTimeout = Math.max(1, Math.min(silenceMs, leftMs));
  return { requestTimeout, ...(leftMs <= timerMsMax && { abortSignal: AbortSignal.timeout(Math.ceil(leftMs)) }) };
}
