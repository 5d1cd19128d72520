/** A pattern of what must not be shipped, and what of it may be there all the same. */
interface Net {
  readonly what: string;
  readonly pattern: RegExp;
  readonly allowed?: RegExp;
}

/** The hosts that the SDK, Powertools and zod bring along: pages in messages and names of XML and JSON vocabularies. */
const pages = [
  ...['github.com', 'aws.amazon.com', 'docs.aws.amazon.com', 'a.co', 'react-native.canny.io'],
  ...['json-schema.org', 'www.w3.org'],
];
/** AWS's endpoints without an account: names of vocabularies, the rules of the SDK, and GovCloud's in those. */
const services = /^([a-z0-9-]+\.amazonaws\.com|events\.us-gov-(east|west)-1\.amazonaws\.com)$/;
/** The SDK's rules build an endpoint from its parts. */
const isBuilt = /[{[]/;

const nets: readonly Net[] = [
  // IAM user guide, "Unique identifiers": the prefixes of keys, roles, users, groups and the rest.
  {
    what: 'an access key or unique id',
    pattern: /\b(?:ABIA|ACCA|AGPA|AIDA|AIPA|AKIA|ANPA|ANVA|APKA|AROA|ASCA|ASIA)[A-Z0-9]{16}\b/g,
  },
  { what: 'a private key', pattern: /-----BEGIN [A-Z ]*PRIVATE KEY-----/g },
  {
    what: 'a token',
    pattern: /\b(?:gh[opsu]_\w{36}|github_pat_\w{22}|npm_\w{36}|xox[abp]-[\w-]{10}|eyJ[\w-]{20,200}\.eyJ)/g,
  },
  // Not the end of a UUID, nor a part of a longer number.
  { what: 'an account number', pattern: /(?<![\w.-])\d{12}(?![\w.])/g },
  {
    what: 'an address',
    pattern: /(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])/g,
    allowed: /^(0\.0\.0\.0|10\.0\.0\.0|127\.0\.0\.1|169\.254\.169\.254)$/,
  },
  { what: 'a local port', pattern: /\b(?:localhost|127\.0\.0\.1):\d+/g, allowed: /^127\.0\.0\.1:2000$/ },
  { what: 'a folder of whoever built it', pattern: /(?<![\w.])\/(?:home|root|Users|tmp|workspace)\/[\w.-]+/g },
];

/** What a shipped text says that it must not, as `what: where it stands`; nothing when it is clean. */
export function findSecrets(text: string): readonly string[] {
  const caught = nets.flatMap(({ what, pattern, allowed }) =>
    [...text.matchAll(pattern)].flatMap(([found]) => (allowed?.test(found) ? [] : [`${what}: ${found}`])),
  );
  const hosts = [...text.matchAll(/\b(?:https?|wss?):\/\/([^\s"'`\\<>()/?#]+)/g)].map(([, host = '']) => host);
  const strange = hosts.filter((host) => !isBuilt.test(host) && !services.test(host) && !pages.includes(host));
  return [...new Set([...caught, ...strange.map((host) => `an endpoint: ${host}`)])];
}
