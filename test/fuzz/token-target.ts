import { openContract, sealContract } from '../../src/identity/signed/contract.ts'
import { fromAuthorization } from '../../src/identity/token/authorization.ts'
import { parseCompactJws } from '../../src/identity/token/compact-jws.ts'
import { issueLeaseToken, readLeaseToken } from '../../src/identity/token/lease-token.ts'
import { aLease } from '../lease/a-lease.ts'
import { testKeys } from '../support/keys.ts'
import type { Target } from './fuzz.ts'

const SECRET = 'hunter2'
const encode = (text: string) => Buffer.from(text, 'latin1').toString('base64url')

/**
 * The parsing of bearer tokens and contracts. Input is a token whose parts may stand in the clear, between `|`: they are encoded and
 * put together, so that changes reach what is inside.
 */
export async function tokenTarget(): Promise<Target> {
  const { signing, verify } = await testKeys()
  const lease = aLease()
  const { token } = await issueLeaseToken(lease, { key: signing, now: Date.now(), ttlMs: 300_000 })
  const contract = await sealContract(lease, signing)
  const good = new Map([token, contract].map(text => [signedPart(text), text]))
  const waiting: Promise<void>[] = []

  const check = async (text: string) => {
    const caller = await readLeaseToken(text, verify)
    const opened = await openContract(text, verify)
    if ((caller.kind === 'lease' || opened !== null) && !good.has(signedPart(text)))
      throw new Error(`accepted: ${text}`)
    if (caller.kind === 'none' && caller.detail.includes(SECRET)) throw new Error(`a secret in a detail: ${text}`)
  }

  return {
    name: 'token',
    seeds: seeds(token, contract, signing.kid).map(text => Buffer.from(text, 'latin1')),
    run: bytes => {
      const text = assemble(Buffer.from(bytes).toString('latin1'))
      const authorization = fromAuthorization([['authorization', text]])
      const parsed = parseCompactJws(authorization.kind === 'token' ? authorization.token : text)
      if (authorization.kind === 'token') waiting.push(check(authorization.token))
      waiting.push(check(text))
      if (parsed === null) return `${authorization.kind} null`
      return [authorization.kind, ...Object.keys(parsed.header), '.', ...Object.keys(parsed.payload)]
        .join(' ')
        .slice(0, 120)
    },
    settle: async () => {
      await Promise.all(waiting.splice(0))
    },
  }
}

function signedPart(token: string): string {
  return token.split('.').slice(0, 2).join('.')
}

function assemble(text: string): string {
  if (!text.includes('|')) return text
  const [before = '', header = '', payload = '', signature = ''] = text.split('|')
  return `${before}${encode(header)}.${encode(payload)}.${signature}`
}

function seeds(token: string, contract: string, kid: string): readonly string[] {
  const [, , signature = ''] = token.split('.')
  const clear = [token, contract].map(text =>
    text
      .split('.')
      .slice(0, 2)
      .map(part => Buffer.from(part, 'base64url').toString('latin1')),
  )
  const [header = '', payload = ''] = clear[0] ?? []
  const headers = [
    header,
    '{"alg":"none"}',
    '{"alg":"HS256","typ":"JWT"}',
    `{"alg":"EdDSA","kid":"${kid}","jku":"https://evil/${SECRET}"}`,
    `{"alg":"RS256","kid":"../../${SECRET}","crit":["b64"],"b64":false}`,
  ]
  return [
    `Bearer ${token}`,
    token,
    contract,
    `bearer ${SECRET}`,
    `Basic ${SECRET}`,
    ...headers.map(each => `Bearer |${each}|${payload}|${signature}`),
    ...clear.map(parts => `|${parts.join('|')}|${signature}`),
    `|${header}|{"sub":"${SECRET}","sub":"b","aud":["a","b"],"exp":1e99,"iat":null}|${signature}`,
    `|${header}|[${'['.repeat(2000)}|${signature}`,
  ]
}
