import { describe, expect, test } from 'vitest'
import {
  type KeyRing,
  nextStep,
  parseKeyRing,
  type RotationTimes,
  type Step,
  takeStep,
  toFiles,
} from '../../../src/identity/keys/key-ring.ts'
import { generateKeyFiles, type KeyFiles, parseSigningKey, parseVerifyKeys } from '../../../src/identity/keys/keys.ts'

const TIMES: RotationTimes = { spreadMs: 120_000, longestMs: 3_600_000 }
const START = Date.parse('2026-01-01T00:00:00Z')

async function read(files: KeyFiles): Promise<KeyRing> {
  const parsed = await parseKeyRing(files)
  if (parsed.kind === 'problem') throw new Error(parsed.message)
  return parsed.value
}

const fresh = async () => read(await generateKeyFiles())

interface Version {
  readonly at: number
  readonly files: KeyFiles
  readonly step: Step['kind'] | 'begin'
}

/** Runs the command every ten seconds, as often as it takes to rotate once; each version of the files with its time. */
async function rotate(times = TIMES): Promise<readonly Version[]> {
  let ring = await fresh()
  const versions: Version[] = [{ at: START, files: toFiles(ring), step: 'begin' }]
  for (let now = START; versions.at(-1)?.step !== 'drop'; now += 10_000) {
    const step = nextStep(ring, now, times)
    if (step.kind === 'wait') continue
    ring = await read(toFiles(await takeStep(ring, step, now)))
    versions.push({ at: now, files: toFiles(ring), step: step.kind })
  }
  return versions
}

const signerOf = async ({ files }: Version) => {
  const parsed = await parseSigningKey(files.signing)
  return parsed.kind === 'ok' ? parsed.value.kid : ''
}
const believes = async ({ files }: Version, kid: string) => {
  const parsed = await parseVerifyKeys(files.verify)
  return parsed.kind === 'ok' && parsed.value.has(kid)
}

describe('a rotation', () => {
  test('adds, waits until everybody knows, uses, waits until nobody asks, drops', async () => {
    const versions = await rotate()
    expect(versions.map(({ step }) => step)).toEqual(['begin', 'add', 'use', 'drop'])
    const [, add, use, drop] = versions.map(({ at }) => at - START)
    expect([add, use, drop]).toEqual([0, 120_000, 120_000 + 120_000 + 3_600_000])
  })

  test('leaves another key alone in both files, and the private half of none that is not used', async () => {
    const versions = await rotate()
    const [first, last] = [versions[0], versions.at(-1)]
    if (first === undefined || last === undefined) throw new Error('nothing happened')
    const kids = (text: string): readonly string[] => JSON.parse(text).keys.map(({ kid }: { kid: string }) => kid)
    expect(kids(last.files.signing)).toHaveLength(1)
    expect(kids(last.files.verify)).toEqual(kids(last.files.signing))
    expect(kids(last.files.signing)).not.toEqual(kids(first.files.signing))
    expect(kids(versions[2]?.files.signing ?? '')).toEqual(kids(last.files.signing))
    for (const { files } of versions) expect(files.verify).not.toContain('"d"')
  })

  test('lets everybody believe what anybody signs, however late each of them reads a change', async () => {
    const versions = await rotate()
    for (let now = START; now < (versions.at(-1)?.at ?? 0) + TIMES.spreadMs; now += 10_000) {
      // What a process may have in its hands: what counts now, or anything that counted within the time that a change takes.
      const held = versions.filter(
        ({ at }, index) => at <= now && (versions[index + 1]?.at ?? Infinity) > now - TIMES.spreadMs,
      )
      for (const broker of held) {
        const kid = await signerOf(broker)
        for (const authorizer of held) expect(await believes(authorizer, kid)).toBe(true)
      }
    }
  })

  test('lets a lease be believed to its end', async () => {
    const versions = await rotate()
    for (const [index, broker] of versions.entries()) {
      const until = (versions[index + 1]?.at ?? broker.at) + TIMES.spreadMs + TIMES.longestMs
      const kid = await signerOf(broker)
      for (const later of versions.slice(index).filter(({ at }) => at < until))
        expect(await believes(later, kid)).toBe(true)
    }
  })
})

describe('files that were changed by hand, or half', () => {
  test('a private key whose public half nobody has is not used', async () => {
    const [ring, other] = [await fresh(), await fresh()]
    expect(nextStep({ ...ring, signing: [...ring.signing, ...other.signing] }, START, TIMES)).toEqual({ kind: 'add' })
  })

  test('a key of unknown age counts from now', async () => {
    const [ring, other] = [await fresh(), await fresh()]
    const both: KeyRing = {
      signing: [...ring.signing, ...other.signing],
      verifying: [...ring.verifying, ...other.verifying],
    }
    const [kid] = other.signing.map(key => key.kid)
    const step = nextStep(both, START, TIMES)
    expect(step).toEqual({ kind: 'mark', kids: [kid] })
    const marked = await takeStep(both, step, START)
    expect(nextStep(marked, START, TIMES)).toMatchObject({ kind: 'wait', for: 'spread', until: START + TIMES.spreadMs })
  })

  test('an old key that nobody said goodbye to stays for a whole lease from now', async () => {
    const [ring, other] = [await fresh(), await fresh()]
    const both: KeyRing = { ...ring, verifying: [...ring.verifying, ...other.verifying] }
    const step = nextStep(both, START, TIMES)
    expect(step).toMatchObject({ kind: 'mark' })
    expect(nextStep(await takeStep(both, step, START), START, TIMES)).toMatchObject({
      kind: 'wait',
      for: 'leases',
      until: START + TIMES.spreadMs + TIMES.longestMs,
    })
  })

  test('what others wrote into a key stays there', async () => {
    const files = await generateKeyFiles()
    const verify = files.verify.replace('"kid"', '"x5t": "theirs", "kid"')
    const ring = await read({ ...files, verify })
    expect(toFiles(await takeStep(ring, { kind: 'add' }, START)).verify).toContain('"x5t": "theirs"')
  })

  test.each([
    {
      name: 'no JSON',
      files: async () => ({ ...(await generateKeyFiles()), signing: '{' }),
      says: /private set is not a JWKS/,
    },
    {
      name: 'a private key among the public ones',
      files: async () => {
        const { signing } = await generateKeyFiles()
        return { signing, verify: signing }
      },
      says: /public set is not a JWKS of public/,
    },
    {
      name: 'a signer that nobody believes',
      files: async () => ({ signing: (await generateKeyFiles()).signing, verify: (await generateKeyFiles()).verify }),
      says: /is not in the public set: nobody believes/,
    },
  ])('$name is said', async ({ files, says }) => {
    const parsed = await parseKeyRing(await files())
    expect(parsed.kind === 'problem' && parsed.message).toMatch(says)
  })
})
