import { createHash } from 'node:crypto';
import { refuse, refuseValue } from './aws-error.ts';
import type { Call } from './call.ts';
import type { Placed } from './table.ts';

/** The parameters that every paged Describe shares. */
export interface PageRequest {
  readonly MaxResults?: number | undefined;
  readonly NextToken?: string | undefined;
}

/** One page; with a token there may be more, even when the page is empty. */
export interface Page<Row> {
  readonly rows: readonly Row[];
  readonly nextToken: string | undefined;
}

/** How many results a caller may ask for at once, and the words EC2 uses when it may not. */
export interface PageRange {
  readonly min: number;
  readonly max: number;
}

/** Nearly all Describe actions (API reference of each). */
export const PAGE_RANGE: PageRange = { min: 5, max: 1000 };

/** Stops the call for a page size out of range; each family of actions has its own words. */
export function checkPageSize(size: number | undefined, range: PageRange, isTypesAction = false): void {
  if (size === undefined || (Number.isInteger(size) && size >= range.min && size <= range.max)) return;
  const value = `Value ( ${size} ) for parameter maxResults is invalid.`;
  if (isTypesAction) {
    refuse('InvalidMaxResults', `${value} Expecting a value from ( ${range.min} ) to  ( ${range.max} ).`);
  }
  if (size < range.min) refuse('InvalidParameterValue', `${value} Expecting a value greater than ${range.min}.`);
  refuseValue('maxResults', size, `Expecting a value smaller than ${range.max}.`);
}

/**
 * Takes one page from rows in the order of creation. Never skips or repeats a row that exists through all pages,
 * whatever is created or deleted meanwhile.
 */
export function takePage<Row>(
  call: Call,
  request: PageRequest,
  rowsAfter: (sequence: number) => Iterable<Placed<Row>>,
  sizeDefault: number = call.rules.pageDefault,
): Page<Row> {
  const binding = bindingOf(call.action, request);
  const start = request.NextToken === undefined ? 0 : readToken(request.NextToken, binding);
  if (call.takeEmptyPage()) return { rows: [], nextToken: writeToken(start, binding) };
  const size = request.MaxResults ?? sizeDefault;
  const rows: Row[] = [];
  let last = start;
  for (const { sequence, row } of rowsAfter(start)) {
    if (rows.length === size) return { rows, nextToken: writeToken(last, binding) };
    rows.push(row);
    last = sequence;
  }
  return { rows, nextToken: undefined };
}

/** A token is good only with the parameters it was given for (AWSEC2/APIReference/Query-Requests, pagination). */
function bindingOf(action: string, request: PageRequest): string {
  const { NextToken: _, ...parameters } = request;
  return createHash('sha256')
    .update(`${action} ${JSON.stringify(parameters)}`)
    .digest('base64url')
    .slice(0, 22);
}

function writeToken(sequence: number, binding: string): string {
  return Buffer.from(`${binding}.${sequence}`).toString('base64url');
}

function readToken(token: string, binding: string): number {
  const [boundTo, sequence = ''] = Buffer.from(token, 'base64url').toString().split('.');
  if (boundTo !== binding || !/^\d+$/.test(sequence)) {
    return refuse('InvalidNextToken', 'The token is not valid for this request.');
  }
  return Number(sequence);
}
