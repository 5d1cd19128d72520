import type { Cidr, Family } from './cidr.ts';
import type { Direction, PortRange } from './model.ts';
import type { IpFacts } from './packet.ts';
import type { PacketBox } from './packet-box.ts';
import { icmp, tcp, udp } from './protocols.ts';

/** A packet and the direction in which it passes the source interface. */
export interface DirectedPacket {
  readonly facts: IpFacts;
  readonly direction: Direction;
}

/** A packet in the making: one side after the other is chosen, in this order. */
interface Draft {
  readonly direction: Direction;
  readonly family: Family;
  readonly protocol: number;
  readonly source: bigint;
  readonly destination: bigint;
  /** −1: a later fragment, or a protocol without ports. */
  readonly sourcePort: number;
  readonly destinationPort: number;
}

type Chosen = Partial<Draft>;

interface Side {
  /** Values that between them stand for every value of this side: one at least of each kind that a box tells apart. */
  readonly candidates: (chosen: Chosen, boxes: readonly PacketBox[]) => readonly Chosen[];
  readonly holds: (box: PacketBox, chosen: Chosen) => boolean;
}

/**
 * Finds a packet that lies in a set of boxes with a wanted property, or undefined when there is none in the universe.
 * `isWanted` is told the indexes of the boxes that hold the packet, ascending; `mayBecomeWanted` says early whether any
 * subset of the boxes that are left can have the property. Two choices that leave the same boxes are one to the search,
 * so that its length grows with the sets that occur, not with the product of all intervals.
 */
export function findPacket(
  boxes: readonly PacketBox[],
  isWanted: (holding: readonly number[]) => boolean,
  mayBecomeWanted: (left: readonly number[]) => boolean,
): DirectedPacket | undefined {
  const seen = new Set<string>();
  const search = (depth: number, chosen: Chosen, left: readonly number[]): DirectedPacket | undefined => {
    const side = sides[depth];
    if (side === undefined) return isWanted(left) ? packetOf(chosen as Draft) : undefined;
    const leftBoxes = left.map((index) => boxes[index] as PacketBox);
    for (const candidate of side.candidates(chosen, leftBoxes)) {
      const next = { ...chosen, ...candidate };
      const kept = left.filter((index) => side.holds(boxes[index] as PacketBox, next));
      if (!mayBecomeWanted(kept)) continue;
      // No other protocol can do what TCP cannot, which is tried first: one without ports is like a later fragment.
      const key = `${depth} ${next.family} ${next.sourcePort === -1} ${kept}`;
      if (seen.has(key)) continue;
      seen.add(key);
      const found = search(depth + 1, next, kept);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  return search(
    0,
    {},
    boxes.map((_, index) => index),
  );
}

// Values that read well are tried first; they are beside the borders of the boxes, not instead of them.
const plainPorts = { source: 44_321, destination: 443 };
const plainAddresses = {
  4: { source: 0x0a000105n, destination: 0x0a000209n },
  6: { source: (0x20010db8n << 96n) | 0x105n, destination: (0x20010db8n << 96n) | 0x209n },
};

const sides: readonly Side[] = [
  {
    candidates: () => [{ direction: 'ingress' }, { direction: 'egress' }],
    holds: (box, { direction }) => box.direction === undefined || box.direction === direction,
  },
  {
    candidates: () => [{ family: 4 }, { family: 6 }],
    holds: (box, { family }) => [box.source, box.destination].every((cidr) => !cidr || cidr.family === family),
  },
  {
    candidates: (_, boxes) => protocolsToTry(boxes).map((protocol) => ({ protocol })),
    holds: (box, { protocol }) => box.protocols === undefined || box.protocols.includes(protocol as number),
  },
  {
    candidates: ({ family }, boxes) => addressesToTry(boxes, 'source', family as Family).map((source) => ({ source })),
    holds: (box, { source }) => isWithin(box.source, source as bigint),
  },
  {
    candidates: ({ family }, boxes) =>
      addressesToTry(boxes, 'destination', family as Family).map((destination) => ({ destination })),
    holds: (box, { destination }) => isWithin(box.destination, destination as bigint),
  },
  {
    candidates: ({ protocol }, boxes) => {
      const ranges = boxes.map(({ sourcePorts }) => sourcePorts);
      return portsToTry(protocol as number, ranges, plainPorts.source).map((sourcePort) => ({ sourcePort }));
    },
    holds: (box, { sourcePort }) => isWithin(box.sourcePorts, sourcePort as number),
  },
  {
    candidates: ({ protocol, sourcePort }, boxes) => {
      // A packet has both ports or none.
      if (sourcePort === -1) return [{ destinationPort: -1 }];
      const ranges = boxes.map(({ destinationPorts }) => destinationPorts);
      const ports = portsToTry(protocol as number, ranges, plainPorts.destination);
      return ports.filter((port) => port !== -1).map((destinationPort) => ({ destinationPort }));
    },
    holds: (box, { destinationPort }) => isWithin(box.destinationPorts, destinationPort as number),
  },
];

function isWithin<Value extends number | bigint>(
  range: { readonly from: Value; readonly to: Value } | undefined,
  value: Value,
): boolean {
  return range === undefined || (value >= range.from && value <= range.to);
}

function hasPorts(protocol: number): boolean {
  return protocol === tcp || protocol === udp;
}

/** Every protocol that a box names, and one that none does. */
function protocolsToTry(boxes: readonly PacketBox[]): number[] {
  const named = new Set([tcp, udp, icmp, ...boxes.flatMap(({ protocols }) => protocols ?? [])]);
  const gre = 47;
  const unnamed = [gre, ...Array(256).keys()].find((protocol) => !named.has(protocol));
  return [...named, ...(unnamed === undefined ? [] : [unnamed])];
}

function addressesToTry(boxes: readonly PacketBox[], end: 'source' | 'destination', family: Family): bigint[] {
  const networks = boxes.map((box) => box[end]).filter((cidr): cidr is Cidr => cidr !== undefined);
  const last = family === 4 ? 0xffff_ffffn : (1n << 128n) - 1n;
  // The tenth address of a network reads better than its first.
  const within = networks.map(({ from }) => from + 9n);
  const borders = networks.flatMap(({ from, to }) => [from, to + 1n]);
  return [...new Set([plainAddresses[family][end], ...within, 0n, ...borders])].filter((value) => value <= last);
}

function portsToTry(protocol: number, ranges: readonly (PortRange | undefined)[], plain: number): number[] {
  if (!hasPorts(protocol)) return [-1];
  const borders = ranges.flatMap((range) => (range === undefined ? [] : [range.from, range.to + 1]));
  return [...new Set([plain, ...borders, 0].filter((port) => port <= 65_535)), -1];
}

function packetOf({ direction, family, protocol, sourcePort, destinationPort, ...ends }: Draft): DirectedPacket {
  const source = { family, value: ends.source };
  const destination = { family, value: ends.destination };
  const base = { kind: 'ip' as const, source, destination, protocol };
  if (!hasPorts(protocol)) return { direction, facts: base };
  if (sourcePort === -1) return { direction, facts: { ...base, fragment: 'later' } };
  return { direction, facts: { ...base, ports: { source: sourcePort, destination: destinationPort } } };
}
