import 'reflect-metadata'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as x509 from '@peculiar/x509'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readCertificates } from '../../../src/identity/certificate/certificate.ts'
import { problemOfChain } from '../../../src/identity/certificate/verify-chain.ts'
import { anAuthority, SERVER, type TestAuthority, type Wanted } from '../../support/certificates/an-authority.ts'

const HOUR = 3_600_000
let directory: string
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'lg-chain-'))
})
afterAll(() => rmSync(directory, { recursive: true, force: true }))

/** What OpenSSL says to the same chain, by its strict reading. */
function openssl(chain: string, roots: string): boolean {
  const [leaf = '', ...between] = chain.split(/(?<=-----END CERTIFICATE-----\n?)/).filter(text => text.trim() !== '')
  const at = (name: string, text: string) => {
    writeFileSync(join(directory, name), text)
    return join(directory, name)
  }
  const [file, helpers, anchors] = [at('leaf', leaf), at('between', between.join('\n')), at('roots', roots)]
  const untrusted = between.length === 0 ? [] : ['-untrusted', helpers]
  const args = ['verify', '-purpose', 'sslclient', '-no-CApath', '-no-CAstore', '-CAfile', anchors, ...untrusted, file]
  try {
    execFileSync('openssl', args, { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

function ours(chain: string, roots: string): string | null {
  return problemOfChain(readCertificates(chain), readCertificates(roots), Date.now())
}

interface Made {
  readonly chain: string
  readonly roots: string
}
type Make = () => Promise<Made>

async function leafOf(authority: TestAuthority, root: TestAuthority, wanted: Wanted = {}): Promise<Made> {
  return { chain: (await authority.issue(wanted)).cert, roots: root.pem }
}

async function under(below: Wanted, root: Wanted = {}, leaf: Wanted = {}): Promise<Made> {
  const top = await anAuthority(root)
  return leafOf(await top.below(below), top, leaf)
}

async function direct(leaf: Wanted, root: Wanted = {}): Promise<Made> {
  const top = await anAuthority(root)
  return leafOf(top, top, leaf)
}

const GOOD: readonly (readonly [string, Make])[] = [
  ['of the root itself', () => direct({})],
  ['of an authority below it', () => under({})],
  [
    'of three below it',
    async () => {
      const top = await anAuthority()
      const lowest = await (await (await top.below()).below({ subject: 'CN=two' })).below({ subject: 'CN=three' })
      return leafOf(lowest, top)
    },
  ],
  ['that does not say what it is for', () => direct({ usages: null, keyUsage: null })],
  ['for servers and clients', () => direct({ usages: [SERVER, x509.ExtendedKeyUsage.clientAuth] })],
  [
    'of a root that was renewed with its key, beside the one before',
    async () => {
      const top = await anAuthority()
      const other = await anAuthority()
      return { chain: (await top.issue({})).cert, roots: `${other.pem}\n${top.pem}` }
    },
  ],
  [
    'with helpers that have nothing to do with it',
    async () => {
      const top = await anAuthority()
      const other = await (await anAuthority({ subject: 'CN=else' })).below()
      const { cert } = await (await top.below()).issue({})
      return { chain: `${cert}\n${other.pem}`, roots: top.pem }
    },
  ],
]

const constrained = new x509.Extension(
  '2.5.29.30',
  true,
  Buffer.from('3012a010300e820c636f72702e6578616d706c65', 'hex'),
)

const BAD: readonly (readonly [string, Make])[] = [
  [
    'of another authority by the same name',
    async () => ({ chain: (await (await anAuthority()).issue({})).cert, roots: (await anAuthority()).pem }),
  ],
  ['that has expired', () => direct({ from: -2 * HOUR, until: -HOUR })],
  ['of tomorrow', () => direct({ from: HOUR, until: 2 * HOUR })],
  ['of a root that has expired', () => direct({}, { from: -2 * HOUR, until: -HOUR })],
  ['of one below that has expired', () => under({ from: -2 * HOUR, until: -HOUR })],
  ['for servers alone', () => direct({ usages: [SERVER] })],
  ['below one that is for servers alone', () => under({ usages: [SERVER] })],
  ['whose key may not sign', () => direct({ keyUsage: x509.KeyUsageFlags.keyEncipherment })],
  ['signed by what is no authority', () => under({ isAuthority: false })],
  ['signed by one whose key may not sign certificates', () => under({ keyUsage: x509.KeyUsageFlags.cRLSign })],
  ['below one more than the root allows', () => under({}, { pathLength: 0 })],
  [
    'below one more than one below the root allows',
    async () => {
      const top = await anAuthority()
      return leafOf(await (await top.below({ pathLength: 0 })).below({ subject: 'CN=two' }), top)
    },
  ],
  [
    'with what has to be understood and is not',
    () => direct({ extensions: [new x509.Extension('1.2.3.4', true, Buffer.from('0500', 'hex'))] }),
  ],
  [
    'below one with what has to be understood and is not',
    () => under({ extensions: [new x509.Extension('1.2.3.4', true, Buffer.from('0500', 'hex'))] }),
  ],
  [
    'without what stands between',
    async () => {
      const top = await anAuthority()
      const { cert } = await (await top.below()).issue({})
      return { chain: cert.slice(0, cert.indexOf('-----END') + 26), roots: top.pem }
    },
  ],
]

describe('a chain', () => {
  test.each(GOOD)('%s is believed, by OpenSSL too', async (_, make) => {
    const { chain, roots } = await make()
    expect([ours(chain, roots), openssl(chain, roots)]).toEqual([null, true])
  })

  test.each(BAD)('%s is not, by OpenSSL neither', async (_, make) => {
    const { chain, roots } = await make()
    expect([ours(chain, roots), openssl(chain, roots)]).toEqual([expect.any(String), false])
  })

  test('that is the authority itself is nobody', async () => {
    const top = await anAuthority()
    expect(ours(top.pem, top.pem)).toBe('it is that of an authority')
  })

  test('below constraints on names, which are not read here, is not believed', async () => {
    const { chain, roots } = await under({ extensions: [constrained] })
    expect(ours(chain, roots)).toBe('its authority has an extension that is not understood here (2.5.29.30)')
  })

  test('in which authorities vouch for each other ends', async () => {
    const [one, other] = [await anAuthority({ subject: 'CN=one' }), await anAuthority({ subject: 'CN=other' })]
    const { cert } = await one.issue({})
    expect(ours(`${cert}\n${one.pem}\n${one.pem}\n${one.pem}`, other.pem)).toEqual(expect.any(String))
    expect(ours(`${cert}${`\n${one.pem}`.repeat(5)}`, one.pem)).toBe('there are too many between it and its root')
  })
})
