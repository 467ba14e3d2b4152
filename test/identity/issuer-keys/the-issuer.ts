import { mkdtemp, readFile, rm } from 'node:fs/promises'
import type { RequestListener } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach } from 'vitest'
import { createAuthority } from '../../../local/pki.ts'
import type { Identifier } from '../../../src/identity/identifier.ts'
import { jwtIdentifier } from '../../../src/identity/jwt-identifier.ts'
import type { Issuer } from '../../../src/policy/policy.ts'
import { TestIssuer } from '../../support/issuer.ts'
import { aPolicy } from '../a-policy.ts'

/** One that serves its keys, for all that `issuer-keys.test.ts` has. */
export let dir: string
let server: Server
export let url: string
export let caFile: string
export let corp: TestIssuer
/** Paths that it was asked for. */
export const asked: string[] = []
export const odd: string[] = []
/** Of keys that cannot be had, as the log has it. */
export const told: string[] = []
let answer: RequestListener

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'leasegate-jwks-'))
  const authority = await createAuthority(dir)
  const files = await authority.issue({ name: 'issuer', subject: 'CN=issuer', servedAs: ['127.0.0.1'] })
  caFile = authority.caFile
  const [cert, key] = [await readFile(files.certificateFile), await readFile(files.keyFile)]
  server = createServer({ cert, key }, (request, response) => {
    asked.push(request.url ?? '')
    answer(request, response)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/keys`
  corp = await TestIssuer.create()
})
beforeEach(() => {
  for (const heard of [asked, odd, told]) heard.length = 0
  publishes(corp.jwk)
})
afterAll(async () => {
  server.closeAllConnections()
  server.close()
  await rm(dir, { recursive: true })
})

export function answerWith(listener: RequestListener): void {
  answer = listener
}

export const publishes = (...keys: readonly unknown[]) => {
  answerWith((_, response) => response.end(JSON.stringify({ keys })))
}

/** All that whoever brings a token learns of it. */
export const SHORT = { kind: 'refused', reason: 'unavailable', detail: 'the keys of issuer corp cannot be had' }

export function identifierOf(
  ca: string | null = caFile,
  algorithms = corp.issuer.algorithms,
  more: Partial<Issuer['jwks']> = {},
): Identifier {
  const policy = aPolicy({
    issuers: [{ ...corp.issuer, algorithms, jwks: { kind: 'url', url, caFile: ca, ...more } as Issuer['jwks'] }],
    agents: [
      { name: 'web', match: { issuer: 'corp', claims: { sub: 'agent-7' } }, sponsor: { kind: 'fixed', name: '' } },
    ],
  })
  return jwtIdentifier({
    policy: () => policy,
    clock: Date.now,
    onUnavailable: error => told.push(error.message),
    onOddKeys: (issuer, found) => odd.push(...found.map(one => `${issuer} ${one}`)),
  })
}
