import { generateKeyFiles } from '../identity/keys/keys.ts'
import type { HeldSecret, SecretStore, SecretToCreate } from '../kubernetes/stores/secret-store.ts'
import { withNewKey } from '../session/store/keys/key-file.ts'
import { type Clock, systemClock } from '../support/time/clock.ts'
import { createAuthority, issue, type KeyPair } from './certificate.ts'
import { isStale, leavesOf, type NamedLeaf } from './leaves.ts'

/** `keys`: those that sign leases. `session-keys`: those that open recorded sessions. */
export const SETUP_PARTS = ['certificates', 'keys', 'session-keys'] as const
export type SetupPart = (typeof SETUP_PARTS)[number]

export interface Setup {
  /** Before the names of all Secrets: `NAME-ca`, `NAME-server-tls`, `NAME-keys`, `NAME-session-keys` and so on. */
  readonly name: string
  /** Names and addresses by which agents reach Envoy. */
  readonly hosts: readonly string[]
  readonly labels: Readonly<Record<string, string>>
  readonly parts: readonly SetupPart[]
  /** How long certificates of processes live. */
  readonly days: number
}

/** What became of one Secret. `foreign`: somebody else made it, so it stays as it is. */
export interface Done {
  readonly secret: string
  readonly done: 'made' | 'renewed' | 'is there' | 'foreign'
}

/** On what this makes, and on nothing else: what carries it may be replaced. */
const MADE_BY = { name: 'leasegate.dev/made-by', value: 'setup' } as const
const CA_DAYS = 3650

/**
 * Makes the Secrets that are missing, and makes certificates anew that it made itself and that are near their end or of other names
 * than wanted; what is in order, or not its own, it does not touch. Rejects with a ClusterError or an Error.
 */
export async function setUp(store: SecretStore, setup: Setup, clock: Clock = systemClock): Promise<readonly Done[]> {
  const done: Done[] = []
  if (setup.parts.includes('keys')) done.push(await makeKeys(store, setup))
  if (setup.parts.includes('session-keys')) done.push(await makeSessionKeys(store, setup))
  if (setup.parts.includes('certificates')) done.push(...(await makeCertificates(store, setup, clock())))
  return done
}

async function makeKeys(store: SecretStore, { name, labels }: Setup): Promise<Done> {
  const at = `${name}-keys`
  if ((await store.read(at)) !== null) return { secret: at, done: 'is there' }
  const { signing, verify } = await generateKeyFiles()
  const values = { 'signing.jwks.json': signing, 'public.jwks.json': verify }
  return make(store, { name: at, type: 'Opaque', labels, values })
}

/** Never over those that are there: what they wrapped could not be read any more. */
async function makeSessionKeys(store: SecretStore, { name, labels }: Setup): Promise<Done> {
  const at = `${name}-session-keys`
  if ((await store.read(at)) !== null) return { secret: at, done: 'is there' }
  const values = { 'session.keys.json': withNewKey([]).text }
  return make(store, { name: at, type: 'Opaque', labels, values })
}

async function makeCertificates(store: SecretStore, setup: Setup, now: number): Promise<readonly Done[]> {
  const { name, hosts, days } = setup
  const leaves = leavesOf(hosts, days)
  const held = await Promise.all(leaves.map(({ secret }) => store.readVersion(`${name}-${secret}-tls`)))
  const [authority, first] = await authorityOf(store, setup, held)
  const done = [first]
  for (const [index, leaf] of leaves.entries())
    done.push(await bringAbout(store, setup, { authority, now }, leaf, held[index] ?? null))
  return done
}

async function authorityOf(
  store: SecretStore,
  { name, labels }: Setup,
  held: readonly (HeldSecret | null)[],
): Promise<readonly [KeyPair, Done]> {
  const at = `${name}-ca`
  const found = await store.read(at)
  if (found === null && held.some(each => each !== null)) {
    throw new Error(`there are certificates but no Secret ${at}: put it back, or delete ${name}-*-tls to begin anew`)
  }
  if (found !== null) return [toPair(found), { secret: at, done: 'is there' }]
  const authority = await createAuthority(at, CA_DAYS)
  const done = await make(store, { name: at, type: 'kubernetes.io/tls', labels, values: toValues(authority) })
  // Somebody may have been quicker: the authority that counts is the one that is stored.
  const stored = await store.read(at)
  return [stored === null ? authority : toPair(stored), done]
}

async function bringAbout(
  store: SecretStore,
  { name, labels }: Setup,
  { authority, now }: { readonly authority: KeyPair; readonly now: number },
  { secret, leaf }: NamedLeaf,
  held: HeldSecret | null,
): Promise<Done> {
  const at = `${name}-${secret}-tls`
  if (held !== null && held.labels[MADE_BY.name] !== MADE_BY.value) return { secret: at, done: 'foreign' }
  if (held !== null && !(await isStale(held.values['tls.crt'] ?? '', leaf, authority, now))) {
    return { secret: at, done: 'is there' }
  }
  const values = { ...toValues(await issue(authority, leaf)), 'ca.crt': authority.certificate }
  if (held === null) return make(store, { name: at, type: 'kubernetes.io/tls', labels, values })
  // Of another version by now: somebody else renewed it.
  return { secret: at, done: (await store.update(at, held.version, values)) ? 'renewed' : 'is there' }
}

async function make(store: SecretStore, secret: SecretToCreate): Promise<Done> {
  const labels = { ...secret.labels, [MADE_BY.name]: MADE_BY.value }
  return { secret: secret.name, done: (await store.create({ ...secret, labels })) ? 'made' : 'is there' }
}

function toValues({ certificate, key }: KeyPair) {
  return { 'tls.crt': certificate, 'tls.key': key }
}

function toPair(values: Readonly<Record<string, string>>): KeyPair {
  return { certificate: values['tls.crt'] ?? '', key: values['tls.key'] ?? '' }
}
