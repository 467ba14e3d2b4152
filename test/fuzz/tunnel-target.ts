import { openDecoder } from '../../src/session/tunnel/decoder.ts'
import type { Side } from '../../src/session/tunnel/tunnel.ts'
import { said } from '../session/tunnel/said.ts'
import { Blocks, data, frame, onChannel, synReply, synStream, typed } from '../session/tunnel/wire.ts'
import type { Target } from './fuzz.ts'

const KINDS = [
  { upgrade: 'websocket', protocol: 'v5.channel.k8s.io' },
  { upgrade: 'websocket', protocol: 'v4.base64.channel.k8s.io' },
  { upgrade: 'spdy', protocol: 'v4.channel.k8s.io' },
] as const

interface Read {
  readonly said: readonly string[]
  readonly why: string | null
}

/** The bytes of both sides of a session: the first says which protocol it is, each part begins with who says it and how long it is. */
export function tunnelTarget(): Target {
  return {
    name: 'tunnel',
    seeds: seeds(),
    run: bytes => {
      const kind = KINDS[(bytes[0] ?? 0) % KINDS.length] ?? KINDS[0]
      const parts = toParts(bytes.subarray(1))
      const whole = read(kind, parts)
      const split = parts.flatMap(([from, part]) => [...part].map(byte => [from, Uint8Array.of(byte)] as const))
      const cut = read(kind, split)
      if (JSON.stringify(whole) !== JSON.stringify(cut)) {
        throw new Error(`cut in bytes it says ${JSON.stringify(cut)}, else ${JSON.stringify(whole)}`)
      }
      return [kind.upgrade, whole.why, ...new Set(whole.said.map(line => line.split(' ')[0]))].join(' ')
    },
  }
}

type Part = readonly [Side, Uint8Array]

function toParts(bytes: Uint8Array): readonly Part[] {
  const parts: Part[] = []
  for (let at = 0; at + 1 < bytes.length; ) {
    const [from, length] = [(bytes[at] ?? 0) % 2 === 0 ? 'client' : 'server', bytes[at + 1] ?? 0] as const
    parts.push([from, bytes.subarray(at + 2, at + 2 + length)])
    at += 2 + length
  }
  return parts
}

function read(kind: (typeof KINDS)[number], parts: readonly Part[]): Read {
  const decoder = openDecoder(kind)
  const events = []
  for (const [from, part] of parts) {
    const answer = decoder.push(from, part, 0)
    if ('why' in answer) return { said: said([...events, ...answer.events]), why: answer.why }
    events.push(...answer)
  }
  return { said: said(events), why: null }
}

function seeds(): readonly Buffer[] {
  const session = (kind: number, ...parts: readonly (readonly [number, Buffer])[]) =>
    Buffer.concat([
      Buffer.from([kind]),
      ...parts.map(([from, part]) => Buffer.concat([Buffer.from([from, part.length]), part])),
    ])
  const [asked, answered] = [new Blocks(), new Blocks()]
  const opened = (id: number, type: string) => synStream(id, asked.next([['streamtype', type]]))
  return [
    session(
      0,
      [0, typed('ls\r')],
      [1, onChannel(1, 'file')],
      [0, frame(Buffer.from([255, 0]))],
      [1, onChannel(3, '{}')],
    ),
    session(
      0,
      [0, frame(Buffer.from('\x04{"Width":8,"Height":2}'))],
      [1, onChannel(2, 'a', { last: false })],
      [0, frame(Buffer.alloc(0), { opcode: 9 })],
    ),
    session(1, [0, frame(Buffer.from('0bHMN'), { opcode: 1 })], [1, onChannel(0x31, 'ZmlsZQ==', { opcode: 1 })]),
    session(
      2,
      [0, opened(1, 'stdin')],
      [0, opened(3, 'stdout')],
      [1, synReply(3, answered.next([]))],
      [0, data(1, 'ls\r')],
      [1, data(3, 'file')],
    ),
  ]
}
