/** What a teardown would remove, and what it did, as text and as JSON. */
import { tierOf } from '../core/desire.ts';
import type { Filter, Session } from '../core/model.ts';
import { ownerTagKeys } from '../core/ownership.ts';
import { printable } from '../core/quote.ts';
import type { Belongings, Fate, TornDown } from '../teardown.ts';
import { count, type Printer, paint, renderTable } from './render.ts';

/** One line for each session and filter that would be removed, then how many they are. */
export function renderBelongings(belongings: Belongings, fleet: string, printer: Printer): string {
  const rows = [...belongings.sessions.map(sessionCells), ...belongings.filters.map(filterCells)];
  return [
    ...(rows.length === 0 ? [] : [tableOf(['id', 'interface', 'what'], rows, printer), '']),
    `Teardown would remove ${describeNumbers(belongings.sessions.length, belongings.filters.length, fleet)}.`,
  ].join('\n');
}

/** How much was removed, then one line with EC2's code for each session and filter that is left. */
export function renderTornDown({ sessions, filters }: TornDown, fleet: string, printer: Printer): string {
  const removed = describeNumbers(countFate(sessions, 'removed'), countFate(filters, 'removed'), fleet);
  const gone = countFate(sessions, 'gone') + countFate(filters, 'gone');
  const rows = [
    ...sessions.flatMap((one) => (one.fate === 'left' ? [[...sessionCells(one.session), one.code]] : [])),
    ...filters.flatMap((one) => (one.fate === 'left' ? [[...filterCells(one.filter), one.code]] : [])),
  ];
  const lines = [`Removed ${removed}.${gone === 0 ? '' : ` ${gone} more had gone before.`}`];
  if (rows.length > 0) {
    const left = describeNumbers(countFate(sessions, 'left'), countFate(filters, 'left'), fleet);
    lines.push('', tableOf(['id', 'interface', 'what', 'code'], rows, printer), '');
    lines.push(paint(printer, 'red', `Left: ${left}. Look at the codes, then run it again.`));
  }
  return lines.join('\n');
}

/** The document of `teardown --json`: nothing done yet. */
export function belongingsDocument({ sessions, filters }: Belongings, fleet: string, objection?: string): object {
  return {
    fleet,
    isDone: false,
    sessions: sessions.map(sessionDocument),
    filters: filters.map(filterDocument),
    ...(objection !== undefined && { objection }),
  };
}

/** The document of `teardown --yes --json`; `isDone` when nothing is left. */
export function tornDownDocument(tornDown: TornDown, fleet: string): object {
  return {
    fleet,
    isDone: isComplete(tornDown),
    sessions: tornDown.sessions.map(({ session, ...fate }) => ({ ...sessionDocument(session), ...fate })),
    filters: tornDown.filters.map(({ filter, ...fate }) => ({ ...filterDocument(filter), ...fate })),
  };
}

/** True when a teardown has left nothing. */
export function isComplete({ sessions, filters }: TornDown): boolean {
  return countFate(sessions, 'left') + countFate(filters, 'left') === 0;
}

function countFate(all: readonly Fate[], fate: Fate['fate']): number {
  return all.filter((one) => one.fate === fate).length;
}

function describeNumbers(sessions: number, filters: number, fleet: string): string {
  return `${count(sessions, 'session')} and ${count(filters, 'managed filter')} of fleet ${fleet}`;
}

function sessionCells(session: Session): string[] {
  const { sessionId, networkInterfaceId, sessionNumber } = session;
  return [sessionId, networkInterfaceId, [`session ${sessionNumber}`, tierOf(session)].filter(Boolean).join(' ')];
}

function filterCells(filter: Filter): string[] {
  return [filter.filterId, '', `filter ${printable(filterName(filter))}`];
}

function filterName({ tags }: Filter): string {
  return tags[ownerTagKeys.filter] ?? '';
}

function sessionDocument(session: Session): object {
  const { sessionId, networkInterfaceId, sessionNumber } = session;
  const tier = tierOf(session);
  return { sessionId, networkInterfaceId, sessionNumber, ...(tier !== undefined && { tier }) };
}

function filterDocument(filter: Filter): object {
  return { filterId: filter.filterId, filter: filterName(filter) };
}

function tableOf(head: readonly string[], rows: readonly (readonly string[])[], printer: Printer): string {
  const marked = rows.map((row) => [paint(printer, 'red', '-'), ...row]);
  return renderTable(printer, ['', ...head], marked);
}
