/** The list of addresses that hosts of unknown origin may not have, in every form that an address has. */
import { expect, test } from 'vitest';
import { checkedLookup, isRefused, literalAddress } from '../../../../src/steps/http/address-rule.ts';

test.each([
  ...['127.0.0.1', '127.255.255.254', '0.0.0.0', '10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1'],
  ...['169.254.169.254', '168.63.129.16', '100.64.0.1', '100.100.100.200', '192.0.0.192', '198.18.0.1'],
  ...['192.0.2.1', '224.0.0.1', '255.255.255.255', '::', '::1', '::127.0.0.1', '::ffff:127.0.0.1'],
  ...['::ffff:a00:1', '::ffff:169.254.169.254', '64:ff9b::10.0.0.1', '64:ff9b::a9fe:a9fe', '64:ff9b:1::1'],
  ...[
    '2002:7f00:1::',
    '2001:0:1::1',
    'fc00::1',
    'fd00:ec2::254',
    'fe80::1',
    'fe80::1%eth0',
    'fec0::1',
    'ff02::1',
  ],
  ...['', 'localhost', '1.2.3', '999.1.1.1'],
])('`%s` is refused', (address) => {
  expect(isRefused(address)).toBe(true);
});

test.each([
  ...['8.8.8.8', '1.1.1.1', '172.15.0.1', '172.32.0.1', '100.63.0.1', '100.128.0.1', '169.253.0.1'],
  ...['::ffff:8.8.8.8', '64:ff9b::8.8.8.8', '2606:4700::1111', '2001:4860:4860::8888', '2a00:1450::1'],
])('`%s` is not', (address) => {
  expect(isRefused(address)).toBe(false);
});

test.each([
  ['http://2130706433/', '127.0.0.1'],
  ['http://0177.0.0.1/', '127.0.0.1'],
  ['http://[::ffff:127.0.0.1]/', '::ffff:7f00:1'],
  ['http://１２７.0.0.1/', '127.0.0.1'],
  ['http://localhost/', undefined],
])('the address in `%s` is %s', (url, address) => {
  expect(literalAddress(new URL(url))).toBe(address);
});

test.each([true, false])(
  'a name is looked up, and its private addresses are not handed on (all: %s)',
  async (all) => {
    const found = await new Promise((resolve) => checkedLookup('localhost', { all }, resolve));
    expect(found).toMatchObject({ code: 'ERR_ADDRESS_REFUSED', message: expect.stringContaining('private') });
  },
);
