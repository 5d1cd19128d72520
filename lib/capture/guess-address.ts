import { type Address, formatAddress } from '../core/cidr.ts';
import { linuxCooked, linuxCooked2 } from '../core/link-types.ts';
import { addressAt } from '../core/packet-dissect.ts';
import { aFrameScan, scanFrame } from '../core/packet-scan.ts';
import type { CaptureSource } from './capture-source.ts';
import { readCapture } from './read-capture.ts';

/** Enough to see who speaks with everyone. */
const bytesToLookAt = 4 * 1024 * 1024;

/**
 * Which addresses the interface has on which a capture was made, judged by its beginning: of each family the one that
 * takes part in most packets; of two that take part in as many, the one that was addressed first. Empty for a Linux
 * cooked capture, which says itself what was sent, and where there is nothing to judge by.
 */
export async function guessInterfaceAddresses(capture: CaptureSource): Promise<Address[]> {
  const parts = { 4: new Map<string, Part>(), 6: new Map<string, Part>() };
  const scan = aFrameScan();
  let isCooked = false;
  await readCapture(firstBytes(capture, bytesToLookAt), {
    packet: (bytes, start, end, _length, linkType) => {
      isCooked ||= linkType === linuxCooked || linkType === linuxCooked2;
      if (scanFrame(scan, bytes, start, end, linkType) !== 'ip') return;
      for (const at of [scan.destinationAt, scan.sourceAt]) {
        const address = addressAt(bytes, at, scan.family);
        const text = formatAddress(address);
        const part = parts[scan.family].get(text);
        if (part === undefined) parts[scan.family].set(text, { address, packets: 1 });
        else part.packets++;
      }
    },
    skip: () => {},
    pause: async () => {},
  });
  if (isCooked) return [];
  return [parts[4], parts[6]].flatMap((ofFamily) => mostFrequent([...ofFamily.values()]));
}

interface Part {
  readonly address: Address;
  packets: number;
}

/** A map keeps the order of arrival, so that the first of equals is the one that was seen first. */
function mostFrequent(parts: readonly Part[]): Address[] {
  const most = Math.max(0, ...parts.map(({ packets }) => packets));
  return parts
    .filter(({ packets }) => packets === most)
    .slice(0, 1)
    .map(({ address }) => address);
}

function firstBytes(capture: CaptureSource, bytes: number): CaptureSource {
  let left = bytes;
  return {
    read: async (into, offset) => {
      const length = await capture.read(into.subarray(0, Math.min(into.length, offset + left)), offset);
      left -= length;
      return length;
    },
    close: capture.close,
  };
}
