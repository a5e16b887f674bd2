/**
 * Which addresses a host of an unknown origin may have: none of this machine, its network or its cloud. Looked at when
 * the connection is made, with the very addresses that it is made to, so that a name cannot change its mind in between.
 * Sources: the special-purpose address registries of IANA, RFC 6890, RFC 6052 (IPv4 inside IPv6).
 */
import { type LookupAddress, lookup } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';

const IPV4: readonly (readonly [string, number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  // link-local, and the metadata services of clouds
  ['169.254.0.0', 16],
  ['168.63.129.16', 32],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
];
const IPV6: readonly (readonly [string, number])[] = [
  // unspecified, loopback, and IPv4 in its old form; in its mapped form (::ffff:a.b.c.d) the rules for IPv4 hold
  ['::', 96],
  ['::ffff:0:0:0', 96],
  ['64:ff9b:1::', 48],
  ['100::', 64],
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
  ['5f00::', 16],
  ['fc00::', 7],
  ['fe80::', 9],
  ['ff00::', 8],
];

const refused = new BlockList();
for (const [address, bits] of IPV4) {
  refused.addSubnet(address, bits, 'ipv4');
  // where a network translates, an IPv4 address may come in this form
  refused.addSubnet(`64:ff9b::${address}`, 96 + bits, 'ipv6');
}
for (const [address, bits] of IPV6) refused.addSubnet(address, bits, 'ipv6');

/** The code of the error that `checkedLookup` ends a connection with. */
export const ADDRESS_REFUSED = 'ERR_ADDRESS_REFUSED';

/** True for an address that no host of an unknown origin may have; what is no address is refused too. */
export function isRefused(address: string): boolean {
  const [plain = ''] = address.split('%');
  const version = isIP(plain);
  return version === 0 || refused.check(plain, version === 4 ? 'ipv4' : 'ipv6');
}

/** The address that a URL gives instead of a name. */
export function literalAddress({ hostname }: URL): string | undefined {
  const bare = hostname.replace(/^\[|\]$/g, '');
  return isIP(bare) === 0 ? undefined : bare;
}

/** Looks a name up for a connection and hands on the addresses that are allowed; without one there is no connection. */
export const checkedLookup: LookupFunction = (hostname, options, tell) => {
  lookup(hostname, { ...options, all: true }, (error, found: LookupAddress[]) => {
    const allowed = error ? [] : found.filter(({ address }) => !isRefused(address));
    const [first] = allowed;
    if (error) tell(error, []);
    else if (!first) tell(Object.assign(new Error(describe(found)), { code: ADDRESS_REFUSED }), []);
    else if (options.all) tell(null, allowed);
    else tell(null, first.address, first.family);
  });
};

const describe = (found: readonly LookupAddress[]): string =>
  `the private address ${found.map(({ address }) => `\`${address}\``).join(', ')}`;
