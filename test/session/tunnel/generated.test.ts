import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { openDecoder } from '../../../src/session/tunnel/decoder.ts'
import { Random } from '../../fuzz/random.ts'
import type { Chunk } from './said.ts'
import { ofKind } from './said.ts'
import { Blocks, control, data, frame, synReply, synStream, uint32 } from './wire.ts'

const SESSIONS = 500
const seed = Math.floor(Math.random() * 2 ** 31)
console.log(`seed of the sessions: ${seed}`)

/** Around every form of a length. */
const LENGTHS = [0, 1, 2, 7, 124, 125, 126, 127, 200, 65_534, 65_535, 65_536, 70_000]
const CONTROL_BYTES = 125

interface Generated {
  readonly chunks: readonly Chunk[]
  readonly input: string
  readonly output: string
  readonly errorOutput: string
}

const hash = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
const some = (random: Random, length: number) => Buffer.from(Array.from({ length }, () => random.below(256)))

/** Texts said on channels, each as frames, with what may stand between them. */
function generate(
  random: Random,
  frames: (side: 'client' | 'server', channel: number, text: Buffer) => Buffer,
): Generated {
  const said = new Map<number, Buffer[]>([0, 1, 2].map(channel => [channel, []]))
  const wire = { client: [] as Buffer[], server: [] as Buffer[] }
  for (let left = 1 + random.below(12); left > 0; left -= 1) {
    const channel = random.below(3)
    const text = some(random, random.below(6) === 0 ? random.pick(LENGTHS) : random.below(200))
    const side = channel === 0 ? 'client' : 'server'
    said.get(channel)?.push(text)
    wire[side].push(frames(side, channel, text))
  }
  const of = (channel: number) => hash(Buffer.concat(said.get(channel) ?? []))
  const chunks = [...cut('client', wire.client, random), ...cut('server', wire.server, random)]
  return { chunks, input: of(0), output: of(1), errorOutput: of(2) }
}

/** Many frames at once, or one in many pieces. */
function cut(from: Chunk['from'], frames: readonly Buffer[], random: Random): readonly Chunk[] {
  const bytes = Buffer.concat(frames)
  const longest = random.pick([1, 3, 50, 5000, 200_000])
  const chunks: Chunk[] = []
  for (let at = 0; at < bytes.length; ) {
    const length = bytes.length > 20_000 ? Math.max(longest, 500) : longest
    const part = bytes.subarray(at, at + 1 + random.below(length))
    chunks.push({ from, bytes: part })
    at += part.length
  }
  return chunks
}

function websocketFrames(random: Random): (side: 'client' | 'server', channel: number, text: Buffer) => Buffer {
  const mask = (side: string) => (side === 'client' ? [...some(random, 4)] : null)
  const ping = (side: string) =>
    frame(some(random, random.below(CONTROL_BYTES + 1)), { opcode: 9 + random.below(2), mask: mask(side) })
  return (side, channel, text) => {
    const message = Buffer.concat([Buffer.from([channel]), text])
    // Only a server's message may come in pieces, with control frames between them.
    if (side === 'client' || random.below(2) === 0)
      return Buffer.concat([frame(message, { mask: mask(side) }), ping(side)])
    const at = 1 + random.below(message.length)
    const first = frame(message.subarray(0, at), { mask: null, last: false })
    return Buffer.concat([first, ping(side), frame(message.subarray(at), { mask: null, opcode: 0 })])
  }
}

function spdyFrames(random: Random): (side: 'client' | 'server', channel: number, text: Buffer) => Buffer {
  return (_, channel, text) => {
    const at = random.below(text.length + 1)
    const part = (bytes: Buffer) => Buffer.concat([data(channel * 2 + 1, '', { length: bytes.length }), bytes])
    return Buffer.concat([
      part(text.subarray(0, at)),
      control(6, uint32(1 + random.below(100))),
      part(text.subarray(at)),
    ])
  }
}

function spdyBegun(): readonly Chunk[] {
  const [asked, answered] = [new Blocks(), new Blocks()]
  const types = ['stdin', 'stdout', 'stderr']
  const opened = types.map((type, at) => synStream(at * 2 + 1, asked.next([['streamtype', type]])))
  const replied = types.map((_, at) => synReply(at * 2 + 1, answered.next([])))
  return [
    { from: 'client', bytes: Buffer.concat(opened) },
    { from: 'server', bytes: Buffer.concat(replied) },
  ]
}

const TUNNELS = [
  { upgrade: 'websocket', protocol: 'v5.channel.k8s.io', begun: (): readonly Chunk[] => [], frames: websocketFrames },
  { upgrade: 'spdy', protocol: 'v4.channel.k8s.io', begun: spdyBegun, frames: spdyFrames },
] as const

describe.each(TUNNELS)('generated sessions over $upgrade', ({ upgrade, protocol, begun, frames }) => {
  test('are on record as they were carried, however frames are cut or packed', () => {
    const random = new Random(seed)
    for (let session = 0; session < SESSIONS; session += 1) {
      const { chunks, ...want } = generate(random, frames(random))
      const decoder = openDecoder({ upgrade, protocol })
      const events = [...begun(), ...chunks].flatMap(({ from, bytes }, at) => {
        const answer = decoder.push(from, bytes, at)
        if ('why' in answer) throw new Error(`session ${session}: ${answer.why}`)
        return answer
      })
      const got = {
        input: ofKind(events, 'input'),
        output: ofKind(events, 'output'),
        errorOutput: ofKind(events, 'error-output'),
      }
      expect(Object.fromEntries(Object.entries(got).map(([name, bytes]) => [name, hash(bytes)]))).toEqual(want)
    }
  })
})
