import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { freePort } from '../../../local/process/ports.ts'
import { run } from '../../../local/process/run.ts'
import { generateKeyFiles } from '../../../src/identity/keys/keys.ts'
import type { Issuer } from '../../../src/policy/policy.ts'
import { examineIssuers } from '../../../src/proof/doctor/identity/issuers.ts'
import { examineKeys, isOpen } from '../../../src/proof/doctor/identity/keys.ts'

let folder: string
const at = (name: string) => join(folder, name)

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lg-'))
  const [pair, other] = [await generateKeyFiles(), await generateKeyFiles()]
  await writeFile(at('signing'), pair.signing, { mode: 0o600 })
  await writeFile(at('open signing'), pair.signing, { mode: 0o600 })
  await writeFile(at('public'), pair.verify)
  await writeFile(at('other'), other.verify)
  await writeFile(at('empty'), '{"keys":[]}')
})
afterAll(() => rm(folder, { recursive: true, force: true }))

describe('examineKeys', () => {
  const found = async (publicName: string | null, signingName: string | null) => {
    const paths = { publicFile: publicName && at(publicName), signingFile: signingName && at(signingName) }
    return (await examineKeys(paths)).findings
  }

  test('finds nothing in a pair, or in one half of it', async () => {
    expect(await found('public', 'signing')).toEqual([])
    expect(await found('public', null)).toEqual([])
    expect(await found(null, 'signing')).toEqual([])
  })

  test.each([
    {
      name: 'a public set without the signing key',
      files: ['other', 'signing'],
      finds: /^the broker signs with .* which is not in/,
    },
    { name: 'an empty public set', files: ['empty', 'signing'], finds: /empty is not a JWKS of public Ed25519 keys/ },
    {
      name: 'a private set where the public one belongs',
      files: ['signing', 'signing'],
      finds: /is not a JWKS of public/,
    },
    {
      name: 'a public set where the private one belongs',
      files: ['public', 'public'],
      finds: /is not a JWKS with a private/,
    },
  ] as const)('$name', async ({ files: [known, signing], finds }) => {
    expect((await found(known, signing)).map(({ what }) => what)).toContainEqual(expect.stringMatching(finds))
  })

  test('a private set that others can read is found, and gone after the mend', async () => {
    await chmod(at('open signing'), 0o640)
    const [finding] = await found('public', 'open signing')
    expect(finding).toMatchObject({ severity: 'critical', what: expect.stringMatching(/can be read by others/) })
    expect(await run('/bin/sh', ['-ec', finding?.mend ?? 'false'])).toMatchObject({ code: 0 })
    expect(await found('public', 'open signing')).toEqual([])
  })

  test.each([
    { name: 'our own, for nobody else', mode: 0o100600, uid: 7, open: false },
    { name: 'our own, for our group', mode: 0o100640, uid: 7, open: true },
    { name: 'our own, for everybody', mode: 0o100604, uid: 7, open: true },
    { name: 'as a pod with fsGroup has it', mode: 0o100440, uid: 0, open: false },
    { name: 'in a pod, for everybody', mode: 0o100444, uid: 0, open: true },
    { name: 'in a pod, to be changed by its group', mode: 0o100460, uid: 0, open: true },
    { name: "somebody else's, for a group", mode: 0o100440, uid: 8, open: true },
  ])('a file $name: open is $open', ({ mode, uid, open }) => {
    expect(isOpen({ mode, uid }, 7)).toBe(open)
  })

  test('never shows a key', async () => {
    const { keys } = JSON.parse(await readFile(at('signing'), 'utf8')) as { keys: { d: string; x: string }[] }
    const shown = JSON.stringify(await examineKeys({ publicFile: at('signing'), signingFile: at('signing') }))
    for (const { d, x } of keys) expect([shown.includes(d), shown.includes(x)]).toEqual([false, false])
  })
})

const jwkOf = ({ publicKey }: { readonly publicKey: KeyObject }) => publicKey.export({ format: 'jwk' })
const ec = (namedCurve: string) => jwkOf(generateKeyPairSync('ec', { namedCurve }))
const rsa = (modulusLength: number) => jwkOf(generateKeyPairSync('rsa', { modulusLength }))
const okp = (kind: 'ed25519' | 'x25519') =>
  jwkOf(kind === 'ed25519' ? generateKeyPairSync(kind) : generateKeyPairSync(kind))

describe('examineIssuers', () => {
  let server: Server
  let url: string

  beforeAll(async () => {
    server = createServer((request, response) => {
      if (request.url === '/keys') response.end(JSON.stringify({ keys: [rsa(2048)] }))
      else if (request.url === '/page') response.end('<html>')
      else response.writeHead(404).end()
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    await writeFile(at('jwks'), JSON.stringify({ keys: [ec('P-256')] }))
  })
  afterAll(() => void server.close())

  const issuer = (jwks: Issuer['jwks'], algorithms = ['RS256', 'ES256']): Issuer => ({
    name: 'corp',
    issuer: 'https://corp.example',
    audience: 'leasegate',
    algorithms,
    maxTokenLifetimeMs: 86_400_000,
    jwks,
  })
  const byUrl = (address: string): Issuer['jwks'] => ({ kind: 'url', url: address, caFile: null })
  const found = async (one: Issuer) => (await examineIssuers({ issuers: [one] })).findings.map(({ what }) => what)

  test('finds nothing where keys can be had, by file or by URL', async () => {
    expect(await found(issuer({ kind: 'file', path: at('jwks') }))).toEqual([])
    expect(await found(issuer(byUrl(`${url}/keys`)))).toEqual([])
  })

  test.each([
    {
      name: 'a file that is not there',
      one: () => issuer({ kind: 'file', path: at('none') }),
      finds: /the file cannot be read$/,
    },
    {
      name: 'nobody there',
      one: async () => issuer(byUrl(`http://127.0.0.1:${await freePort()}/keys`)),
      finds: /nobody listens there$/,
    },
    { name: 'another page', one: () => issuer(byUrl(`${url}/page`)), finds: /what is there is no JWKS$/ },
    { name: 'no page', one: () => issuer(byUrl(`${url}/none`)), finds: /it answers with status 404$/ },
    {
      name: 'keys of another kind',
      one: () => issuer(byUrl(`${url}/keys`), ['ES256']),
      finds: /^issuer corp has no key for ES256$/,
    },
  ])('$name is found', async ({ one, finds }) => {
    expect(await found(await one())).toEqual([expect.stringMatching(finds)])
  })

  test('says of each issuer where its keys were looked for, how many there are, and what mends what is wrong', async () => {
    const good = issuer(byUrl(`${url}/keys`))
    const gone = { ...issuer(byUrl(`${url}/none?secret=x`)), name: 'other' }
    const { tried, seen, findings } = await examineIssuers({ issuers: [good, gone] })
    expect(tried).toEqual([`keys of corp, ${url}/keys`, `keys of other, ${url}/none`])
    expect(seen).toEqual(['corp: 1 keys of use'])
    expect(findings).toEqual([
      expect.objectContaining({
        what: `the keys of issuer other cannot be had from ${url}/none: it answers with status 404`,
        mend: expect.stringContaining('/.well-known/openid-configuration'),
      }),
    ])
  })

  test.each([
    { name: 'P-256 for ES256', key: ec('P-256'), algorithms: ['ES256'], fits: true },
    { name: 'P-384 for ES256', key: ec('P-384'), algorithms: ['ES256'], fits: false },
    { name: 'P-384 for one of two', key: ec('P-384'), algorithms: ['ES256', 'ES384'], fits: true },
    { name: 'RSA of 2048 bits', key: rsa(2048), algorithms: ['PS256'], fits: true },
    { name: 'RSA of 1024 bits', key: rsa(1024), algorithms: ['RS256'], fits: false },
    {
      name: 'RSA bound to another algorithm',
      key: { ...rsa(2048), alg: 'RS512' },
      algorithms: ['RS256'],
      fits: false,
    },
    { name: 'a key for encryption', key: { ...rsa(2048), use: 'enc' }, algorithms: ['RS256'], fits: false },
    { name: 'Ed25519', key: { ...okp('ed25519'), alg: 'Ed25519' }, algorithms: ['EdDSA'], fits: true },
    { name: 'X25519', key: okp('x25519'), algorithms: ['EdDSA'], fits: false },
  ])('$name fits: $fits', async ({ key, algorithms, fits }) => {
    await writeFile(at('one key'), JSON.stringify({ keys: [key] }))
    const whats = await found(issuer({ kind: 'file', path: at('one key') }, algorithms))
    const none = whats.filter(what => what === `issuer corp has no key for ${algorithms.join(' or ')}`)
    expect(none).toHaveLength(fits ? 0 : 1)
    if (fits) expect(whats).toEqual([])
  })

  test.each<{ name: string; entry: unknown; says: RegExp }>([
    { name: 'null', entry: null, says: /some is passed over: keys\[1\]: no key with a kty$/ },
    { name: 'a text', entry: 'x', says: /keys\[1\]: no key with a kty$/ },
    { name: 'half a key', entry: { kty: 'RSA', e: 'AQAB' }, says: /keys\[1\]: a key that cannot be read$/ },
    { name: 'a short key', entry: rsa(1024), says: /keys\[1\]: an RSA key of less than 2048 bits$/ },
    { name: 'a private key', entry: { ...ec('P-256'), d: 'AA' }, says: /keys\[1\]: a private key/ },
  ])('$name beside a good key is told of, and the other issuers are looked at', async ({ entry, says }) => {
    await writeFile(at('odd'), JSON.stringify({ keys: [ec('P-256'), entry] }))
    const odd = issuer({ kind: 'file', path: at('odd') })
    const gone = { ...issuer({ kind: 'file', path: at('none') }), name: 'other' }
    const { findings } = await examineIssuers({ issuers: [odd, gone] })
    expect(findings.map(({ severity, what }) => [severity, what])).toEqual([
      ['warning', expect.stringMatching(says)],
      ['error', expect.stringMatching(/issuer other .*cannot be read/)],
    ])
  })
})
