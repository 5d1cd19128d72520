import { describe, expect, test } from '@jest/globals';
import type { FleetDocument } from '../../lib/emulator/fleet-document.ts';
import { aStateChange } from '../support/event.ts';
import { aStage, numbersOn, type Stage, writesOf } from '../support/stage.ts';

/** A node of EKS Auto Mode in an account that hides what AWS services run. */
const document: FleetDocument = {
  instances: [
    { name: 'node', tags: { Mirror: 'true' }, operator: { principal: 'eks.amazonaws.com', hiddenByDefault: true } },
  ],
};

const numbersOnNode = (stage: Stage) => numbersOn(stage, stage.interfacesOf('node')[0]);

describe('An instance that an AWS service runs and hides', () => {
  test('is mirrored by a sweep and counts as wanted, and the next sweep takes its sessions for no orphans', async () => {
    const stage = aStage({ document });
    const first = await stage.sweep();
    expect(first?.coverage).toMatchObject({ wanted: 1, complete: 1 });
    expect(numbersOnNode(stage)).toEqual([10, 20]);
    stage.clock.advance(3_600_000);
    stage.emulator.clearCounts();
    await stage.sweep();
    expect(writesOf(stage)).toEqual({});
    expect(numbersOnNode(stage)).toEqual([10, 20]);
  });

  test('is mirrored at its launch', async () => {
    const stage = aStage({ document });
    await stage.deliver([aStateChange(stage.idOf('node'))]);
    expect(numbersOnNode(stage)).toEqual([10, 20]);
  });
});
