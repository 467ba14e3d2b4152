import { BlockList } from 'node:net'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isInside, parseNetwork } from '../../../src/policy/conditions/networks.ts'

describe('isInside', () => {
  test.each([
    { address: '10.1.2.3', networks: ['10.0.0.0/8'], is: true },
    { address: '11.1.2.3', networks: ['10.0.0.0/8'], is: false },
    { address: '11.1.2.3', networks: ['10.0.0.0/8', '11.1.2.3'], is: true },
    { address: '::ffff:10.1.2.3', networks: ['10.0.0.0/8'], is: true },
    { address: '::ffff:0a01:0203', networks: ['10.0.0.0/8'], is: true },
    { address: '0:0:0:0:0:FFFF:0a01:0203', networks: ['10.0.0.0/8'], is: true },
    { address: '::ffff:11.1.2.3', networks: ['10.0.0.0/8'], is: false },
    { address: '10.1.2.3', networks: ['::ffff:10.0.0.0/104'], is: true },
    { address: '::10.1.2.3', networks: ['10.0.0.0/8'], is: false },
    { address: '64:ff9b::10.1.2.3', networks: ['10.0.0.0/8'], is: false },
    { address: '2001:db8::1', networks: ['2001:db8::/32'], is: true },
    { address: '2001:DB8:0:0::1', networks: ['2001:db8::/32'], is: true },
    { address: '2001:db9::1', networks: ['2001:db8::/32'], is: false },
    { address: '10.1.2.3', networks: ['::/0'], is: false },
    { address: '2001:db8::1', networks: ['0.0.0.0/0'], is: false },
    { address: '::1', networks: ['127.0.0.0/8'], is: false },
    { address: '::1', networks: ['::1'], is: true },
    { address: 'fe80::1%eth0', networks: ['fe80::/10'], is: false },
    { address: '', networks: ['0.0.0.0/0', '::/0'], is: false },
    { address: 'unknown', networks: ['0.0.0.0/0'], is: false },
    { address: '10.1.2.3, 10.0.0.1', networks: ['10.0.0.0/8'], is: false },
    { address: '10.1.2.3:443', networks: ['10.0.0.0/8'], is: false },
    { address: '010.1.2.3', networks: ['0.0.0.0/0'], is: false },
    { address: '10.1.2', networks: ['0.0.0.0/0'], is: false },
    { address: '/tmp/socket', networks: ['0.0.0.0/0', '::/0'], is: false },
    { address: '10.1.2.3', networks: [], is: false },
    { address: '10.1.2.3', networks: ['nonsense'], is: false },
  ])('$address in $networks: $is', ({ address, networks, is }) => expect(isInside(address, networks)).toBe(is))

  test.each(['ipv4', 'ipv6'] as const)('says of %s addresses what the platform says', family => {
    const address = family === 'ipv4' ? fc.ipV4() : fc.ipV6()
    const most = family === 'ipv4' ? 32 : 128
    fc.assert(
      fc.property(address, address, fc.integer({ min: 0, max: most }), (one, base, prefix) => {
        const network = [`${base}/${prefix}`]
        fc.pre(parseNetwork(network[0] ?? '') !== null)
        const list = new BlockList()
        list.addSubnet(base, prefix, family)
        expect(isInside(one, network)).toBe(list.check(one, family))
        expect(isInside(base, network)).toBe(true)
      }),
    )
  })
})

describe('parseNetwork', () => {
  test.each([
    '10.0.0.1/8',
    '2001:db8::1/32',
    '10.0.0.0/33',
    '::/129',
    '10.0.0.0/08',
    '10.0.0.0/',
    '10.0.0.0/-1',
    '/8',
    '*',
    '10.0.0.0/8/8',
    '::ffff:0:0/95',
  ])('refuses %s', text => expect(parseNetwork(text)).toBeNull())
  test.each(['0.0.0.0/0', '::/0', '10.0.0.0/8', '10.1.2.3', '2001:db8::/32', '::ffff:0:0/96'])('reads %s', text =>
    expect(parseNetwork(text)).not.toBeNull(),
  )
})
