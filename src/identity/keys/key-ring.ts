import { z } from 'zod'
import { ok, type Parsed, problem } from '../../support/text/parsed.ts'
import { generateKeyFiles, type KeyFiles, parseSigningKey, parseVerifyKeys } from './keys.ts'

/** A JWK as it is in its file; what we do not know of it stays in it. */
const STORED = z.looseObject({
  kid: z.string(),
  /** When its public half was put where everybody who verifies finds it. Seconds since 1970. */
  leasegate_added: z.number().int().optional(),
  /** When it stopped signing. Seconds since 1970. */
  leasegate_retired: z.number().int().optional(),
})
const SET = z.object({ keys: z.array(STORED) })

export type StoredKey = z.infer<typeof STORED>

/** Both key files, read as one thing. */
export interface KeyRing {
  /** Private keys. The first signs; another one will, once its public half has reached everybody. */
  readonly signing: readonly [StoredKey, ...StoredKey[]]
  readonly verifying: readonly StoredKey[]
}

export interface RotationTimes {
  /** Until whoever verifies has read a changed file: a kubelet takes up to a minute and a half to bring a Secret to its pods. */
  readonly spreadMs: number
  /** Longest life of what is signed: that of the longest lease. */
  readonly longestMs: number
}

/** What a rotation does next. Each step leaves files by which everything signed before is still believed by everybody. */
export type Step =
  | { readonly kind: 'add' }
  | { readonly kind: 'use'; readonly kid: string }
  | { readonly kind: 'drop'; readonly kids: readonly string[] }
  /** Somebody changed the files by hand, or a step was interrupted: its time counts from now. */
  | { readonly kind: 'mark'; readonly kids: readonly string[] }
  /** `until` in milliseconds since 1970. */
  | {
      readonly kind: 'wait'
      readonly for: 'spread' | 'leases'
      readonly kids: readonly string[]
      readonly until: number
    }

export async function parseKeyRing({ signing, verify }: KeyFiles): Promise<Parsed<KeyRing>> {
  const [signer, verifiers] = [await parseSigningKey(signing), await parseVerifyKeys(verify)]
  if (signer.kind === 'problem') return problem(`the private set is ${signer.message}`)
  if (verifiers.kind === 'problem') return problem(`the public set is ${verifiers.message}`)
  if (!verifiers.value.has(signer.value.kid)) {
    return problem(`the key that signs, ${signer.value.kid}, is not in the public set: nobody believes what it signs`)
  }
  const [privates, publics] = [SET.parse(JSON.parse(signing)).keys, SET.parse(JSON.parse(verify)).keys]
  const [first, ...others] = privates
  return first === undefined ? problem('no key signs') : ok({ signing: [first, ...others], verifying: publics })
}

export function toFiles({ signing, verifying }: KeyRing): KeyFiles {
  return { signing: toText(signing), verify: toText(verifying) }
}

export function nextStep(ring: KeyRing, now: number, { spreadMs, longestMs }: RotationTimes): Step {
  const spare = spareOf(ring)
  const retired = retiredOf(ring)
  const unmarked = [
    ...(spare !== null && spare.leasegate_added === undefined ? [spare] : []),
    ...retired.filter(({ leasegate_retired }) => leasegate_retired === undefined),
  ]
  if (unmarked.length > 0) return { kind: 'mark', kids: kidsOf(unmarked) }
  if (spare !== null) {
    const until = (spare.leasegate_added ?? 0) * 1000 + spreadMs
    return now < until ? { kind: 'wait', for: 'spread', kids: [spare.kid], until } : { kind: 'use', kid: spare.kid }
  }
  if (retired.length === 0) return { kind: 'add' }
  const until = Math.max(...retired.map(({ leasegate_retired = 0 }) => leasegate_retired)) * 1000 + spreadMs + longestMs
  const kids = kidsOf(retired)
  return now < until ? { kind: 'wait', for: 'leases', kids, until } : { kind: 'drop', kids }
}

export async function takeStep(ring: KeyRing, step: Step, now: number): Promise<KeyRing> {
  const at = Math.floor(now / 1000)
  const { signing, verifying } = ring
  switch (step.kind) {
    case 'add': {
      const made = await generateKeyFiles()
      const [privates, publics] = [SET.parse(JSON.parse(made.signing)).keys, SET.parse(JSON.parse(made.verify)).keys]
      const added = publics.map(key => ({ ...key, leasegate_added: at }))
      return { signing: [...signing, ...privates], verifying: [...verifying, ...added] }
    }
    case 'use': {
      const next = signing.find(({ kid }) => kid === step.kid)
      if (next === undefined) return ring
      // Old private keys have no use any more.
      const old = verifying.map(key => (key.kid === step.kid ? key : { leasegate_retired: at, ...key }))
      return { signing: [next], verifying: old }
    }
    case 'drop':
      return { signing, verifying: verifying.filter(({ kid }) => !step.kids.includes(kid)) }
    case 'mark':
      return { signing, verifying: verifying.map(key => (step.kids.includes(key.kid) ? marked(ring, key, at) : key)) }
    case 'wait':
      return ring
  }
}

/** The newest key that could sign and does not yet. Without its public half nobody would believe it. */
export function spareOf({ signing: [, ...others], verifying }: KeyRing): StoredKey | null {
  const kid = others.findLast(other => verifying.some(key => key.kid === other.kid))?.kid
  return verifying.find(key => key.kid === kid) ?? null
}

/** Keys that only verify what they signed before. */
export function retiredOf({ signing, verifying }: KeyRing): readonly StoredKey[] {
  return verifying.filter(({ kid }) => !signing.some(key => key.kid === kid))
}

function marked(ring: KeyRing, key: StoredKey, at: number): StoredKey {
  return spareOf(ring)?.kid === key.kid ? { ...key, leasegate_added: at } : { ...key, leasegate_retired: at }
}

function kidsOf(keys: readonly StoredKey[]): readonly string[] {
  return keys.map(({ kid }) => kid)
}

function toText(keys: readonly StoredKey[]): string {
  return `${JSON.stringify({ keys }, null, 2)}\n`
}
