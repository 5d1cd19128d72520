/** Link-layer types of captures that can be judged [tcpdump.org, Link-Layer Header Types]. */
export const ethernet = 1;
const rawIp = 101;
export const linuxCooked = 113;
export const ipv4Only = 228;
export const ipv6Only = 229;
export const linuxCooked2 = 276;
/** Values that some systems wrote for raw IP before 101 was assigned. */
const oldRawIp: readonly number[] = [12, 14];

/** Whether packets start with the IP header itself. */
export function isRawIp(linkType: number): boolean {
  return linkType === rawIp || linkType === ipv4Only || linkType === ipv6Only || oldRawIp.includes(linkType);
}

export function isKnownLinkType(linkType: number): boolean {
  return linkType === ethernet || linkType === linuxCooked || linkType === linuxCooked2 || isRawIp(linkType);
}
