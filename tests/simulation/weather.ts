import type { Faults } from '../../lib/emulator/faults.ts';
import type { Chance } from './chance.ts';
import type { Options } from './options.ts';
import type { Scheduler } from './scheduler.ts';
import type { Transcript } from './transcript.ts';

/** The weather between the program and EC2: gusts of what the seed's options allow, and quiet between them. */
export interface Weather {
  /** Does something that no weather touches. */
  readonly shelter: <T>(act: () => T) => T;
  /** The next read comes from any replica: what one has shown, the next may not know yet. */
  readonly chooseReplica: () => void;
  /** From now on nothing goes wrong and nothing is late. */
  readonly calm: () => void;
}

const clear = { errorRate: 0, lostAnswerRate: 0, resetRate: 0, emptyPageRate: 0 } as const;
const prompt = { instancesMs: 0, interfacesMs: 0, mirroringMs: 0, tagsMs: 0 } as const;
const serverErrors = ['InternalError', 'Unavailable', 'ServiceUnavailable', 'RequestLimitExceeded'] as const;

export function startWeather(
  faults: Faults,
  options: Options,
  scheduler: Scheduler,
  chance: Chance,
  transcript: Transcript,
): Weather {
  const { errorRate, lostAnswerRate, resetRate, emptyPageRate, staleMs, isDenying } = options;
  const codes = isDenying ? [...serverErrors, 'UnauthorizedOperation'] : serverErrors;
  let current: typeof clear | { errorRate: number; lostAnswerRate: number; resetRate: number; emptyPageRate: number } =
    clear;
  const late = {
    instancesMs: staleMs.instances,
    interfacesMs: staleMs.interfaces,
    mirroringMs: staleMs.mirroring,
    tagsMs: staleMs.tags,
  };
  let isOver = false;
  let isLate = false;
  const blow = () => {
    if (isOver) return;
    const isRough = chance.happens(0.6);
    current = isRough ? { errorRate, lostAnswerRate, resetRate, emptyPageRate } : clear;
    faults.setWeather({ ...current, codes });
    isLate = chance.happens(0.6);
    transcript.write('weather', `${isRough ? 'a gust' : 'quiet'}${isLate ? ', late reads' : ''}`);
    scheduler.after(chance.between(5000, 120_000), blow);
  };
  blow();
  return {
    shelter: (act) => {
      faults.setWeather(clear);
      try {
        return act();
      } finally {
        if (!isOver) faults.setWeather(current);
      }
    },
    chooseReplica: () => {
      if (!isOver) faults.setStaleReads(isLate && chance.happens(0.5) ? late : prompt);
    },
    calm: () => {
      isOver = true;
      faults.calm();
      transcript.write('weather', 'calm');
    },
  };
}
