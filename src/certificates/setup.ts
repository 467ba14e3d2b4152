import { generateKeyFiles } from '../identity/token/keys.ts'
import type { SecretStore, SecretToCreate } from '../kubernetes/secret-store.ts'
import { createAuthority, issue, type KeyPair, type Leaf } from './certificate.ts'

export interface Setup {
  /** Before the names of all Secrets: `NAME-ca`, `NAME-server-tls`, `NAME-keys` and so on. */
  readonly name: string
  /** Names and addresses by which agents reach Envoy. */
  readonly hosts: readonly string[]
  readonly labels: Readonly<Record<string, string>>
  readonly parts: readonly ('certificates' | 'keys')[]
}

/** What became of one Secret. */
export interface Done {
  readonly secret: string
  readonly made: boolean
}

/** By these the parts know each other, whatever the Services are called. */
export const INTERNAL_NAMES = {
  envoy: 'envoy.leasegate.internal',
  authorizer: 'authorizer.leasegate.internal',
  tap: 'tap.leasegate.internal',
  broker: 'broker.leasegate.internal',
} as const

const CA_DAYS = 3650
const LEAF_DAYS = 825

/** Makes the Secrets that are missing and touches no other: run twice, it does nothing. Rejects with a ClusterError or an Error. */
export async function setUp(store: SecretStore, setup: Setup): Promise<readonly Done[]> {
  const done: Done[] = []
  if (setup.parts.includes('keys')) done.push(await makeKeys(store, setup))
  if (setup.parts.includes('certificates')) done.push(...(await makeCertificates(store, setup)))
  return done
}

async function makeKeys(store: SecretStore, { name, labels }: Setup): Promise<Done> {
  const { signing, verify } = await generateKeyFiles()
  const values = { 'signing.jwks.json': signing, 'public.jwks.json': verify }
  return make(store, { name: `${name}-keys`, type: 'Opaque', labels, values })
}

async function makeCertificates(store: SecretStore, setup: Setup): Promise<readonly Done[]> {
  const { name, labels, hosts } = setup
  const leaves = leavesOf(hosts)
  const held = await Promise.all(leaves.map(({ secret }) => store.read(`${name}-${secret}-tls`)))
  const found = await store.read(`${name}-ca`)
  if (found === null && held.some(each => each !== null)) {
    throw new Error(
      `there are certificates but no Secret ${name}-ca: put it back, or delete ${name}-*-tls to begin anew`,
    )
  }
  const authority = found === null ? await createAuthority(`${name}-ca`, CA_DAYS) : toPair(found)
  const done = [
    await make(store, { name: `${name}-ca`, type: 'kubernetes.io/tls', labels, values: toValues(authority) }),
  ]
  // Somebody may have been quicker: the authority that counts is the one that is stored.
  const stored = await store.read(`${name}-ca`)
  const counts = stored === null ? authority : toPair(stored)
  for (const [index, { secret, leaf }] of leaves.entries()) {
    const at = `${name}-${secret}-tls`
    if (held[index] !== null) {
      done.push({ secret: at, made: false })
      continue
    }
    const values = { ...toValues(await issue(counts, leaf)), 'ca.crt': counts.certificate }
    done.push(await make(store, { name: at, type: 'kubernetes.io/tls', labels, values }))
  }
  return done
}

interface NamedLeaf {
  readonly secret: string
  readonly leaf: Leaf
}

function leavesOf(hosts: readonly string[]): readonly NamedLeaf[] {
  const internal = Object.entries(INTERNAL_NAMES).map(([component, name]) => ({
    secret: component,
    leaf: {
      commonName: name,
      names: [name],
      usages: [component === 'envoy' ? ('client' as const) : ('server' as const)],
      days: LEAF_DAYS,
    },
  }))
  return [
    { secret: 'server', leaf: { commonName: 'leasegate', names: hosts, usages: ['server'], days: LEAF_DAYS } },
    ...internal,
  ]
}

async function make(store: SecretStore, secret: SecretToCreate): Promise<Done> {
  return { secret: secret.name, made: await store.create(secret) }
}

function toValues({ certificate, key }: KeyPair) {
  return { 'tls.crt': certificate, 'tls.key': key }
}

function toPair(values: Readonly<Record<string, string>>): KeyPair {
  return { certificate: values['tls.crt'] ?? '', key: values['tls.key'] ?? '' }
}
