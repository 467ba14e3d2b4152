import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openDecoder } from '../../../src/session/tunnel/decoder.ts'
import { Random } from '../../fuzz/random.ts'
import { type HeldSession, SessionOracle, type SessionToHold } from '../../support/programs/session-oracle.ts'
import { type Chunk, decodeAll, inBytes, ofKind, said } from './said.ts'

const BUILDING_MS = 600_000
const seed = Math.floor(Math.random() * 2 ** 31)

let oracle: SessionOracle
beforeAll(async () => {
  console.log(`seed of the sessions: ${seed}`)
  oracle = await SessionOracle.start()
}, BUILDING_MS)
afterAll(() => oracle.stop())

const PROTOCOLS = [
  { upgrade: 'websocket', protocol: '' },
  { upgrade: 'websocket', protocol: 'channel.k8s.io' },
  { upgrade: 'websocket', protocol: 'base64.channel.k8s.io' },
  { upgrade: 'websocket', protocol: 'v4.channel.k8s.io' },
  { upgrade: 'websocket', protocol: 'v4.base64.channel.k8s.io' },
  { upgrade: 'websocket', protocol: 'v5.channel.k8s.io' },
  { upgrade: 'spdy', protocol: 'channel.k8s.io' },
  { upgrade: 'spdy', protocol: 'v2.channel.k8s.io' },
  { upgrade: 'spdy', protocol: 'v3.channel.k8s.io' },
  { upgrade: 'spdy', protocol: 'v4.channel.k8s.io' },
] as const

/** Window sizes came to SPDY with the third version. */
const resizes = ({ upgrade, protocol }: (typeof PROTOCOLS)[number]) =>
  upgrade === 'websocket' || /^v[345]/.test(protocol)

/** The longest that one write of kubectl's is, so that some need each form of a length. */
const LENGTHS = [1, 2, 125, 126, 127, 300, 4096, 32 * 1024]

function someBytes(random: Random): Buffer {
  return Buffer.from(Array.from({ length: random.pick(LENGTHS) }, () => random.below(256)))
}

function aSession(on: (typeof PROTOCOLS)[number], tty: boolean, random: Random): SessionToHold {
  const some = (most: number) => Array.from({ length: random.below(most + 1) }, () => someBytes(random))
  const sizes = Array.from({ length: random.below(4) }, () => ({
    Width: random.below(300) + 1,
    Height: random.below(100) + 1,
  }))
  return {
    ...{ ...on, tty, input: some(4), output: some(6), errorOutput: tty ? [] : some(3) },
    ...{ sizes: tty && resizes(on) ? sizes : [], exitCode: random.pick([0, 1, 137]) },
  }
}

function assertSays(held: HeldSession, chunks: readonly Chunk[], on: (typeof PROTOCOLS)[number]): readonly string[] {
  const events = decodeAll(openDecoder(on), chunks)
  expect(ofKind(events, 'input').equals(held.input)).toBe(true)
  expect(ofKind(events, 'output').equals(held.output)).toBe(true)
  expect(ofKind(events, 'error-output').equals(held.errorOutput)).toBe(true)
  const sizes = events
    .filter(({ kind }) => kind === 'resize')
    .map(({ bytes }) => JSON.parse(Buffer.from(bytes).toString()))
  expect(sizes).toEqual(held.sizes)
  return said(events)
}

function cut(chunks: readonly Chunk[], random: Random): readonly Chunk[] {
  return chunks.flatMap(({ from, bytes }) => {
    const parts: Chunk[] = []
    for (let at = 0; at < bytes.length; ) {
      const part = bytes.subarray(at, at + 1 + random.below(random.pick([2, 16, 4096])))
      parts.push({ from, bytes: part })
      at += part.length
    }
    return parts
  })
}

describe.each(PROTOCOLS)('a session over $upgrade, $protocol', on => {
  test.each([{ tty: true }, { tty: false }])('says what client and command heard (tty: $tty)', async ({ tty }) => {
    const random = new Random(seed)
    for (let round = 0; round < 4; round += 1) {
      const held = await oracle.hold(aSession(on, tty, random))
      const whole = assertSays(held, held.chunks, on)
      expect(assertSays(held, inBytes(held.chunks), on)).toEqual(whole)
      expect(assertSays(held, cut(held.chunks, random), on)).toEqual(whole)
    }
  })
})

describe('what kubectl is told of the end', () => {
  test.each(PROTOCOLS.filter(({ protocol }) => /^v[45]/.test(protocol)))(
    'is on record: $upgrade $protocol',
    async on => {
      const session = { ...aSession(on, false, new Random(seed)), exitCode: 7 }
      const { chunks } = await oracle.hold(session)
      const status = JSON.parse(ofKind(decodeAll(openDecoder(on), chunks), 'status').toString())
      expect(status).toMatchObject({ status: 'Failure', details: { causes: [{ reason: 'ExitCode', message: '7' }] } })
    },
  )

  test.each([
    { upgrade: 'websocket', protocol: 'v5.channel.k8s.io' },
    { upgrade: 'spdy', protocol: 'v4.channel.k8s.io' },
  ] as const)('and that there is no more input: $upgrade $protocol', async on => {
    const session = { ...aSession(on, false, new Random(seed)), input: [Buffer.from('all')], toEnd: true } as const
    const { chunks } = await oracle.hold(session)
    const kinds = decodeAll(openDecoder(on), chunks).map(({ kind }) => kind)
    expect(kinds.filter(kind => kind.startsWith('input')).slice(-2)).toEqual(['input', 'input-end'])
  })
})
