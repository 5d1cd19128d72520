import type { Deviation } from './deviation.ts';
import { motoDeviations } from './moto-deviations.ts';
import { winterbaumeDeviations } from './winterbaume-deviations.ts';

/** What each known witness does differently, by the name that `CONTRACT_ENDPOINT` gives it. */
const byWitness: Readonly<Record<string, readonly Deviation[]>> = {
  moto: motoDeviations,
  winterbaume: winterbaumeDeviations,
};

/** The deviations of a witness; none of one that nobody has written down yet, so that each of them fails a test. */
export function deviationsOf(name: string): readonly Deviation[] {
  return Object.hasOwn(byWitness, name) ? (byWitness[name] ?? []) : [];
}
