import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { leaveOpen } from '../../lib/core/report-open.ts';
import { renderAsff } from '../../lib/report/asff.ts';
import { listFindings } from '../../lib/report/finding.ts';
import { renderOcsf } from '../../lib/report/ocsf.ts';
import { healthOf } from '../support/health.ts';
import { installVenv } from '../support/python-venv.ts';
import { aLargeFleet, aReport } from '../support/report.ts';

/** `pip` does not say so, but both bring a program along, which is there once everything else is. */
const judges = {
  asff: installVenv('botocore-1.43.67', 'botocore==1.43.67', 'jp.py'),
  ocsf: installVenv('py-ocsf-models-0.10.0', 'py-ocsf-models==0.10.0', 'email_validator'),
} as const;

const fleet = aLargeFleet(600);
/** Yesterday every third source had lost its sessions, and the first hundred carried nothing. */
const yesterday = aReport(
  fleet.map((source, index) => (index % 3 === 0 ? { ...source, sessions: [] } : source)),
  { takenAt: '2026-02-28T12:00:00.000Z', health: healthOf(fleet.slice(0, 100), {}) },
);
const report = {
  ...aReport(fleet, { before: leaveOpen(yesterday), health: healthOf(fleet.slice(50), {}) }),
  lastGoodPolicy: { version: 3 },
};
const findings = listFindings(report);
const script = fileURLToPath(new URL('check_findings.py', import.meta.url));

async function judge(format: keyof typeof judges, findings: readonly object[]) {
  const venv = judges[format];
  if (!venv.isHere) throw new Error(venv.because);
  const folder = await mkdtemp(join(tmpdir(), 'fleetmirror-findings-'));
  try {
    const file = join(folder, 'findings.json');
    await writeFile(file, JSON.stringify(findings));
    const { stdout, stderr } = spawnSync(join(venv.bin, 'python'), [script, format, file], { encoding: 'utf8' });
    return stdout.trim() || stderr.trim();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

describe('findings of a fleet of 600 with gaps of every kind, open and closed, and mirrors in trouble', () => {
  test('are of every kind and state', () => {
    const kinds = new Set(findings.map(({ kind, closed = 'open' }) => `${kind} ${closed}`));
    expect([...kinds].sort()).toEqual([
      'impossible open',
      'missing open',
      'missing well',
      'silent open',
      'silent void',
      'unclear open',
    ]);
  });

  test("ASFF holds to Security Hub's own model in botocore", async () => {
    expect(await judge('asff', renderAsff(report))).toBe(String(findings.length));
  });

  test('OCSF holds to the models of py-ocsf-models', async () => {
    expect(await judge('ocsf', renderOcsf(report))).toBe(String(findings.length));
  });

  test('neither judge lets a finding without its id pass', async () => {
    const without = (finding: object, key: string) => ({ ...finding, [key]: undefined });
    expect(await judge('asff', [without(renderAsff(report)[0]!, 'Id')])).toContain('Missing required parameter');
    expect(await judge('ocsf', [without(renderOcsf(report)[0]!, 'finding_info')])).toContain('finding_info');
  });
});
