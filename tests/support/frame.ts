import type { Address } from '../../lib/core/cidr.ts';
import type { IpFacts } from '../../lib/core/packet.ts';

export interface FrameShape {
  /** Default 1, Ethernet. */
  readonly linkType?: number;
  readonly vlanIds?: readonly number[];
  /** Extension headers in front of the transport header: their numbers; 44 is not among them. IPv6 only. */
  readonly extensions?: readonly number[];
  readonly payloadBytes?: number;
  /** What a Linux cooked header says of the direction: 0 to us, 4 from us. */
  readonly cookedType?: number;
}

/** The bytes of a packet with these facts: valid lengths and IPv4 checksum, a payload of zeros. */
export function aFrame(facts: IpFacts, shape: FrameShape = {}): Buffer {
  const packet = facts.source.family === 4 ? ipv4(facts, shape) : ipv6(facts, shape);
  return Buffer.concat([linkHeader(facts, shape), packet]);
}

function linkHeader({ source }: IpFacts, { linkType = 1, vlanIds = [], cookedType = 0 }: FrameShape): Buffer {
  const etherType = source.family === 4 ? 0x0800 : 0x86dd;
  const types = [...vlanIds.map(() => 0x8100), etherType];
  const tags = Buffer.concat(vlanIds.map((id, i) => numbers(16, id, types[i + 1] as number)));
  const address = Buffer.from([2, 0, 0, 0, 0, 7]);
  switch (linkType) {
    case 1:
      return Buffer.concat([Buffer.from([2, 0, 0, 0, 0, 9]), address, numbers(16, types[0] as number), tags]);
    case 113:
      return Buffer.concat([numbers(16, cookedType, 1, 6), address, numbers(16, 0, types[0] as number), tags]);
    case 276:
      return Buffer.concat([
        numbers(16, types[0] as number, 0, 0, 2, 1),
        Buffer.from([cookedType, 6]),
        address,
        numbers(16, 0),
        tags,
      ]);
    default:
      return Buffer.alloc(0);
  }
}

function ipv4(facts: IpFacts, shape: FrameShape): Buffer {
  const payload = transport(facts, shape);
  const header = Buffer.alloc(20);
  header.writeUInt8(0x45, 0);
  header.writeUInt16BE(20 + payload.length, 2);
  header.writeUInt16BE(facts.fragment === 'first' ? 0x2000 : facts.fragment === 'later' ? 0x0010 : 0, 6);
  header.writeUInt8(64, 8);
  header.writeUInt8(facts.protocol, 9);
  bytesOf(facts.source).copy(header, 12);
  bytesOf(facts.destination).copy(header, 16);
  let sum = 0;
  for (let at = 0; at < 20; at += 2) sum += header.readUInt16BE(at);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  header.writeUInt16BE(~sum & 0xffff, 10);
  return Buffer.concat([header, payload]);
}

function ipv6(facts: IpFacts, shape: FrameShape): Buffer {
  const kinds = [...(shape.extensions ?? []), ...(facts.fragment ? [44] : [])];
  const types = [...kinds, facts.protocol];
  const chain = kinds.map((kind, i) => {
    const header = Buffer.alloc(kind === 51 ? 12 : 8);
    header.writeUInt8(types[i + 1] as number, 0);
    if (kind === 51) header.writeUInt8(1, 1);
    if (kind === 44) header.writeUInt16BE(facts.fragment === 'first' ? 1 : 16 << 3, 2);
    return header;
  });
  const payload = Buffer.concat([...chain, transport(facts, shape)]);
  const header = Buffer.alloc(8);
  header.writeUInt8(0x60, 0);
  header.writeUInt16BE(payload.length, 4);
  header.writeUInt8(types[0] as number, 6);
  header.writeUInt8(64, 7);
  return Buffer.concat([header, bytesOf(facts.source), bytesOf(facts.destination), payload]);
}

function transport({ ports, protocol }: IpFacts, { payloadBytes = 0 }: FrameShape): Buffer {
  const body = Buffer.alloc(payloadBytes);
  if (ports === undefined) return Buffer.concat([Buffer.alloc(8), body]);
  const head = numbers(16, ports.source, ports.destination);
  if (protocol === 17) return Buffer.concat([head, numbers(16, 8 + payloadBytes, 0), body]);
  const rest = Buffer.alloc(16);
  rest.writeUInt16BE(0x5010, 8);
  return Buffer.concat([head, rest, body]);
}

function bytesOf({ family, value }: Address): Buffer {
  return Buffer.from(value.toString(16).padStart(family === 4 ? 8 : 32, '0'), 'hex');
}

function numbers(bits: 16 | 32, ...values: number[]): Buffer {
  const bytes = Buffer.alloc((values.length * bits) / 8);
  values.forEach((value, i) => {
    if (bits === 16) bytes.writeUInt16BE(value, i * 2);
    else bytes.writeUInt32BE(value, i * 4);
  });
  return bytes;
}
