import data from './instance-types.json' with { type: 'json' };
import { sourcesPerLargeTarget, sourcesPerTargetDefault } from './limits.ts';
import { isLike } from './match.ts';
import type { Edition, InstanceTypePolicy } from './model.ts';

/** Whether AWS mirrors interfaces of instances of this type, and who says so. */
export interface TypeVerdict {
  readonly verdict: 'supported' | 'unsupported' | 'unknown';
  readonly bareMetal: boolean;
  /** The edition of the list that decided, or `policy` when `allow` or `deny` did. */
  readonly edition: Edition | 'policy';
  /** One sentence with the source. */
  readonly because: string;
}

/**
 * Judges an instance type by the policy's `deny`, then its `allow`, then the edition of AWS's list that it names. No API
 * of AWS tells support, so that this is data (`instance-types.json`, with its sources).
 *
 * | edition | supported | unsupported | unknown |
 * |---|---|---|---|
 * | 2025-08 | the families of AWS's allow-list; bare metal of the families listed for it | families that EC2's API knows and the list omits; every other bare metal | the rest |
 * | 2023-06 | Nitro families of the time except the denied; the named Xen families | the denied, every other Xen family, all bare metal | families newer than June 2023 |
 */
export function judgeInstanceType(instanceType: string, policy: InstanceTypePolicy): TypeVerdict {
  const parts = readInstanceType(instanceType);
  const bareMetal = parts?.bareMetal ?? false;
  const denied = policy.deny.find((pattern) => isLike(pattern, instanceType));
  if (denied !== undefined) {
    const because = `The policy denies it: \`instanceTypes.deny\` has ${denied}.`;
    return { verdict: 'unsupported', bareMetal, edition: 'policy', because };
  }
  const allowed = policy.allow.find((pattern) => isLike(pattern, instanceType));
  if (allowed !== undefined) {
    const because = `The policy allows it: \`instanceTypes.allow\` has ${allowed}.`;
    return { verdict: 'supported', bareMetal, edition: 'policy', because };
  }
  const { edition } = policy;
  if (parts === undefined) {
    const because = `"${instanceType}" is no instance type: one is a family, a dot and a size, such as m5.large.`;
    return { verdict: 'unknown', bareMetal, edition, because };
  }
  const [verdict, because] = judgeByEdition[edition](parts);
  return { verdict, bareMetal, edition, because };
}

/**
 * How many sources AWS lets mirror to an interface target on an instance of this type: 100 on the listed types, else 10
 * (also when the type is not known to us) [D: Traffic Mirroring quotas].
 */
export function sourcesPerTarget(instanceType: string | undefined): number {
  return largeTargetTypes.has(instanceType) ? sourcesPerLargeTarget : sourcesPerTargetDefault;
}

/** One type of each family that the lists know, supported or not, in alphabetical order. Mac families have metal only. */
export function listKnownTypes(): readonly string[] {
  const families = new Set([...listedFamilies, ...omittedFamilies, ...nitro2023, ...xen2023]);
  return [...families].sort().map((family) => `${family}.${family.startsWith('mac') ? 'metal' : 'large'}`);
}

interface TypeParts {
  readonly family: string;
  readonly bareMetal: boolean;
}

const largeTargetTypes: ReadonlySet<string | undefined> = new Set(data.targetTypes100Sources);
const listedFamilies: ReadonlySet<string> = new Set(data.virtualizedFamilies);
const listedMetalFamilies: ReadonlySet<string> = new Set(data.bareMetalFamilies);
const omittedFamilies: ReadonlySet<string> = new Set(data.apiKnownFamiliesNotListed);
const nitroDenied2023: ReadonlySet<string> = new Set(data.legacy2023.virtualizedNitroDenied);
const xenAllowed2023: ReadonlySet<string> = new Set(data.legacy2023.nonNitroAllowed);
const xen2023: ReadonlySet<string> = new Set(data.legacy2023.xenFamilies);
const nitro2023: ReadonlySet<string> = new Set(data.legacy2023.nitroFamiliesKnownThen);

const guide2025 = 'edition 2025-08: Traffic Mirroring guide, "Supported instance types"';
const guide2023 = 'edition 2023-06: Traffic Mirroring guide of June 2023, "Traffic mirror sources"';

type Judgement = readonly [verdict: TypeVerdict['verdict'], because: string];

const judgeByEdition: Readonly<Record<Edition, (parts: TypeParts) => Judgement>> = {
  '2025-08': ({ family, bareMetal }) => {
    if (bareMetal && listedMetalFamilies.has(family)) {
      return ['supported', `AWS lists bare metal of the family ${family} (${guide2025}).`];
    }
    if (bareMetal) {
      return ['unsupported', `AWS mirrors bare metal of the listed families only, ${family} is none (${guide2025}).`];
    }
    if (listedFamilies.has(family)) return ['supported', `AWS lists the family ${family} (${guide2025}).`];
    if (omittedFamilies.has(family)) return ['unsupported', `AWS does not list the family ${family} (${guide2025}).`];
    return ['unknown', `The family ${family} is newer than the list, or does not exist (${guide2025}).`];
  },
  '2023-06': ({ family, bareMetal }) => {
    if (bareMetal) return ['unsupported', `AWS mirrored no bare-metal instances (${guide2023}).`];
    if (nitroDenied2023.has(family)) return ['unsupported', `AWS denied the Nitro family ${family} (${guide2023}).`];
    if (xenAllowed2023.has(family)) return ['supported', `AWS named the non-Nitro family ${family} (${guide2023}).`];
    if (xen2023.has(family)) {
      return ['unsupported', `AWS did not name ${family} among the non-Nitro families that it mirrors (${guide2023}).`];
    }
    if (nitro2023.has(family)) {
      return ['supported', `${family} is a virtualized Nitro family that AWS did not deny (${guide2023}).`];
    }
    return ['unknown', `The family ${family} is newer than the list, or does not exist (${guide2023}).`];
  },
};

/** `u-6tb1.112xlarge` → family `u-6tb1`; sizes that begin with `metal` are bare metal. Undefined when malformed. */
function readInstanceType(instanceType: string): TypeParts | undefined {
  const [, family, size] = /^([a-z][a-z0-9]*(?:-[a-z0-9]+)*)\.([a-z0-9]+(?:-[a-z0-9]+)*)$/.exec(instanceType) ?? [];
  return family === undefined || size === undefined ? undefined : { family, bareMetal: size.startsWith('metal') };
}
