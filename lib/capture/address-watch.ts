import { type Address, formatAddress } from '../core/cidr.ts';
import { addressAt } from '../core/packet-dissect.ts';
import { aFrameScan, scanFrame } from '../core/packet-scan.ts';

/** Tells whether the frame in `bytes[start..end)` is from or to one of the addresses watched for. */
export type AddressWatch = (bytes: Uint8Array, start: number, end: number, linkType: number) => boolean;

/** Watches for the addresses of an interface. */
export function watchAddresses(addresses: readonly Address[]): AddressWatch {
  const watched = new Set(addresses.map(formatAddress));
  const scan = aFrameScan();
  return (bytes, start, end, linkType) => {
    if (scanFrame(scan, bytes, start, end, linkType) !== 'ip') return false;
    return [scan.sourceAt, scan.destinationAt].some((at) =>
      watched.has(formatAddress(addressAt(bytes, at, scan.family))),
    );
  };
}
