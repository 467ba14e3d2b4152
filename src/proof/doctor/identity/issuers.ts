import type { Finding } from '../../../findings/report.ts'
import { type Jwks, parseJwks } from '../../../identity/issuers/jwks.ts'
import { noJwks, PublishedKeysError, placeOfKeys, readPublishedKeys } from '../../../identity/issuers/published-keys.ts'
import type { Issuer, Policy } from '../../../policy/policy.ts'
import type { Examination } from '../examined.ts'

/** Those whose tokens are believed: whether their keys can be had, and can do what the policy says. */
export async function examineIssuers({ issuers }: Pick<Policy, 'issuers'>): Promise<Examination> {
  const looks = await Promise.all(issuers.map(async issuer => ({ issuer, keys: await keysOf(issuer) })))
  return {
    tried: issuers.map(({ name, jwks }) => `keys of ${name}, ${placeOfKeys(jwks)}`),
    seen: looks.flatMap(({ issuer, keys }) =>
      keys instanceof PublishedKeysError ? [] : [`${issuer.name}: ${keys.keys.length} keys of use`],
    ),
    findings: looks.flatMap(({ issuer, keys }) => judge(issuer, keys)),
  }
}

/** Or why there are none. What others publish may be anything: none of it keeps the other issuers from being looked at. */
async function keysOf(issuer: Issuer): Promise<Jwks | PublishedKeysError> {
  try {
    return (await parseJwks(await readPublishedKeys(issuer), issuer.algorithms)) ?? noJwks()
  } catch (error) {
    if (error instanceof PublishedKeysError) return error
    throw error
  }
}

function judge({ name, algorithms, jwks }: Issuer, keys: Jwks | PublishedKeysError): readonly Finding[] {
  if (keys instanceof PublishedKeysError) {
    return [
      {
        severity: 'error',
        what: `the keys of issuer ${name} cannot be had from ${placeOfKeys(jwks)}: ${keys.message}`,
        why: 'Nobody with a token of this issuer gets a lease, or can renew one, once the keys that the broker has are too old (keysKept).',
        mend: `${keys.mend.charAt(0).toUpperCase()}${keys.mend.slice(1)}.`,
      },
    ]
  }
  const { odd } = keys
  return [
    ...(keys.keys.length > 0 ? [] : [noKey(name, algorithms)]),
    ...(odd.length === 0 ? [] : [passedOver(name, odd)]),
  ]
}

function noKey(name: string, algorithms: readonly string[]): Finding {
  return {
    severity: 'error',
    what: `issuer ${name} has no key for ${algorithms.join(' or ')}`,
    why: 'Every token of this issuer is refused.',
    mend: `Let algorithms of issuer ${name} in the policy file be those it signs with; RSA keys need 2048 bits.`,
  }
}

const NAMED = 5

function passedOver(name: string, odd: readonly string[]): Finding {
  const more = odd.length > NAMED ? `; ${odd.length - NAMED} more` : ''
  return {
    severity: 'warning',
    what: `of what issuer ${name} publishes some is passed over: ${odd.slice(0, NAMED).join('; ')}${more}`,
    why: 'Tokens signed with these are refused; the other keys count.',
    mend: `Tell whoever runs issuer ${name}. A key whose private part was published has to be replaced.`,
  }
}
