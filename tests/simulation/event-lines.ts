import type { AwsEvent } from '../../lib/emulator/notices.ts';
import type { RuleSpec, Stack } from '../../lib/emulator/template.ts';
import type { Chance } from './chance.ts';
import type { Options } from './options.ts';
import type { Queue } from './queue.ts';
import type { Transcript } from './transcript.ts';

/** EventBridge: the rules of the packaged template decide where an event goes; the weather, whether and when it comes. */
export interface EventLines {
  readonly publish: (event: AwsEvent) => void;
}

interface Settings {
  readonly stack: Stack;
  readonly queueOf: (arn: string) => Queue | undefined;
  readonly options: Options;
  readonly chance: Chance;
  readonly transcript: Transcript;
  readonly isCalm: () => boolean;
}

/** CloudTrail and tag events come late without any weather. */
const delayMostMs = { usual: 2000, late: 600_000 } as const;

export function createEventLines({ stack, queueOf, options, chance, transcript, isCalm }: Settings): EventLines {
  const deliver = (rule: RuleSpec, event: AwsEvent) => {
    for (const target of rule.targets) {
      const isLate = !isCalm() && chance.happens(options.lateEventRate);
      queueOf(target.arn)?.send(
        target.formatInput(event),
        chance.between(0, isLate ? delayMostMs.late : delayMostMs.usual),
      );
    }
  };
  return {
    publish: (event) => {
      for (const rule of stack.rules) {
        if (!rule.isEnabled || !rule.matches(event)) continue;
        const isLost = !isCalm() && chance.happens(options.lostEventRate);
        const times = isLost ? 0 : !isCalm() && chance.happens(options.doubleEventRate) ? 2 : 1;
        transcript.write('bus', `${describe(event)}${times === 1 ? '' : times === 0 ? ' is lost' : ' comes twice'}`);
        for (let time = 0; time < times; time++) deliver(rule, event);
      }
    },
  };
}

function describe({ detail, 'detail-type': type, resources }: AwsEvent): string {
  const { eventName, state } = detail as { eventName?: string; state?: string };
  const id = resources[0]?.split('/').at(-1);
  return [eventName ?? type, id, state].filter((part) => part !== undefined).join(' ');
}
