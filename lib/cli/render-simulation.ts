import { ifRejectionsFallThrough } from '../core/evaluate.ts';
import { type EvaluationSetting, skipReasons, unmirroredReasons } from '../core/packet.ts';
import { count, type Printer, renderTable } from './render.ts';
import type { SimulationResult } from './simulation.ts';

/** The result for a reader: who gets what share, what nobody mirrors and why, and what each target would have to take. */
export function renderSimulation(result: SimulationResult, notes: readonly string[], printer: Printer): string {
  const { packets, bytes, sessions, unmirrored, skipped, targets, seconds } = result;
  const duration = seconds === undefined ? '' : ` in ${seconds.toFixed(3)} s`;
  const share = (number: number) => (packets === 0 ? '–' : `${((100 * number) / packets).toFixed(1)} %`);
  const skippedPackets = Object.values(skipped).reduce((sum, number) => sum + number, 0);
  const rows = [
    ...sessions.map((row) => [`${row.sessionNumber}`, row.tier, `${row.packets}`, `${row.bytes}`, share(row.packets)]),
    ['', 'unmirrored', `${unmirrored.packets}`, `${unmirrored.bytes}`, share(unmirrored.packets)],
    ...(skippedPackets > 0 ? [['', 'skipped', `${skippedPackets}`, '', share(skippedPackets)]] : []),
  ];
  const reasons = { ...unmirroredReasons, ...skipReasons };
  const why = Object.entries({ ...unmirrored.because, ...skipped }).map(([because, number]) => [
    because,
    `${number}`,
    reasons[because as keyof typeof reasons],
  ]);
  const parts = [
    `${count(packets, 'packet')}, ${count(bytes, 'byte')}${duration}`,
    renderTable(printer, ['session', 'tier', 'packets', 'bytes', 'share'], rows),
  ];
  if (why.length > 0) parts.push(renderTable(printer, ['because', 'packets', 'meaning'], why));
  const load = targets.map((row) => [row.target, `${row.bytes}`, row.mbitPerSecond?.toFixed(3) ?? '–']);
  if (load.length > 0) parts.push(renderTable(printer, ['target', 'bytes with VXLAN', 'Mbit/s'], load));
  parts.push(...sessions.flatMap(({ file }) => (file === undefined ? [] : [`written: ${file}`])));
  parts.push(...notes.map((note) => `note: ${note}`));
  return parts.join('\n');
}

/** One note for each session whose share rests on an answer that AWS does not give. */
export function noteAssumptions({ sessions }: SimulationResult, setting: EvaluationSetting): string[] {
  const relation = setting.rejectFallsThrough ? 'counted only' : 'more';
  return sessions.flatMap(({ sessionNumber, tier, restsOnRejectFallsThrough: share }) =>
    share === undefined
      ? []
      : `session ${sessionNumber} (${tier}): ${count(share.packets, 'packet')}, ${count(share.bytes, 'byte')} ${relation} ${ifRejectionsFallThrough(setting)}`,
  );
}

/** The result for a program. */
export function simulationAsJson(
  result: SimulationResult,
  notes: readonly string[],
): Readonly<Record<string, unknown>> {
  const { end, ...totals } = result;
  return { ...totals, ...(end.kind !== 'complete' && { damage: end.problem }), notes };
}
