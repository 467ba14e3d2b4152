import { describe, expect, test } from 'vitest'
import { openDecoder } from '../../../src/session/tunnel/decoder.ts'
import type { Chunk } from './said.ts'
import { decodeAll, inBytes, said } from './said.ts'
import { frame, onChannel, typed } from './wire.ts'

const open = (protocol = 'v5.channel.k8s.io') => openDecoder({ upgrade: 'websocket', protocol })
const client = (...parts: readonly Buffer[]): Chunk => ({ from: 'client', bytes: Buffer.concat(parts) })
const server = (...parts: readonly Buffer[]): Chunk => ({ from: 'server', bytes: Buffer.concat(parts) })
const says = (chunks: readonly Chunk[], protocol?: string) => said(decodeAll(open(protocol), chunks))
const bytes = (...values: readonly number[]) => Buffer.from(values)

describe('a WebSocket', () => {
  test('carries what either side says, with control frames between the pieces of a message', () => {
    const chunks = [
      client(typed('ls\r'), frame(bytes(), { opcode: 9 }), typed(' -l')),
      server(onChannel(1, 'a', { last: false }), frame(bytes(1), { opcode: 9, mask: null })),
      server(frame(Buffer.from('b'), { opcode: 0, mask: null }), onChannel(2, 'bad'), onChannel(3, '{}')),
      client(frame(bytes(255, 0)), frame(Buffer.from('\x04{"Width":80,"Height":24}\n'))),
    ]
    const all = [
      ...['input "ls\\r -l"', 'output "ab"', 'error-output "bad"', 'status "{}"', 'input-end ""'],
      'resize "{\\"Width\\":80,\\"Height\\":24}"',
    ]
    expect(says(chunks)).toEqual(all)
    expect(says(inBytes(chunks))).toEqual(all)
  })

  test.each([125, 126, 65_535, 65_536])('passes %i bytes on', length => {
    const text = 'x'.repeat(length - 1)
    expect(says(inBytes([client(typed(text)), server(onChannel(1, text))]))).toEqual([
      `input "${text}"`,
      `output "${text}"`,
    ])
  })

  test('tells at once what is there of a message of a gibibyte, and holds nothing', () => {
    const decoder = open()
    const head = onChannel(1, '', { announced: 2 ** 30 })
    expect(said(decodeAll(decoder, [server(head)]))).toEqual([])
    const part = Buffer.alloc(2 ** 20, 'x')
    const before = process.memoryUsage().arrayBuffers
    for (let sent = 0; sent < 512; sent += 1) {
      const events = decoder.push('server', part, sent)
      expect(events).toMatchObject([{ kind: 'output', bytes: { length: 2 ** 20 } }])
    }
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 * 2 ** 20)
  })

  test('keeps window sizes apart, whatever messages they stand in', () => {
    const sizes = '\x04{"Width":80,"Height":24}\n{"Width":90,"Height":30}'
    expect(says([client(frame(Buffer.from(sizes)))])).toEqual([
      'resize "{\\"Width\\":80,\\"Height\\":24}"',
      'resize "{\\"Width\\":90,\\"Height\\":30}"',
    ])
  })

  test('makes one event of many frames that come together', () => {
    const events = decodeAll(open(), [client(...Array.from({ length: 1000 }, () => typed('x')))])
    expect(events).toHaveLength(1)
  })

  const odd: readonly { readonly name: string; readonly chunks: readonly Chunk[]; readonly protocol?: string }[] = [
    { name: 'an extension', chunks: [client(typed('x', { reserved: 4 }))] },
    { name: 'compression by the server', chunks: [server(onChannel(1, 'x', { reserved: 4 }))] },
    { name: 'an opcode for data that is none', chunks: [client(typed('x', { opcode: 3 }))] },
    { name: 'an opcode for control that is none', chunks: [client(frame(bytes(), { opcode: 11 }))] },
    { name: 'a client that does not mask', chunks: [client(typed('x', { mask: null }))] },
    { name: 'a ping that is not masked', chunks: [client(frame(bytes(), { opcode: 9, mask: null }))] },
    { name: 'a server that masks', chunks: [server(onChannel(1, 'x', { mask: [0, 0, 0, 0] }))] },
    { name: 'a ping in pieces', chunks: [client(frame(bytes(), { opcode: 9, last: false }))] },
    { name: 'a ping that is long', chunks: [client(frame(Buffer.alloc(126), { opcode: 9 }))] },
    { name: 'a message in pieces from the client', chunks: [client(typed('x', { last: false }))] },
    { name: 'the rest of no message', chunks: [server(frame(bytes(1), { opcode: 0, mask: null }))] },
    {
      name: 'a message within a message',
      chunks: [server(onChannel(1, 'a', { last: false }), onChannel(1, 'b'))],
    },
    { name: 'a length in two bytes that one holds', chunks: [client(typed('x', { form: 126 }))] },
    { name: 'a length in eight bytes that two hold', chunks: [client(typed('x', { form: 127 }))] },
    {
      name: 'a length with its first bit set',
      chunks: [client(bytes(0x82, 0xff, 0x80, 0, 0, 0, 0, 1, 0, 0, 1, 2, 3, 4))],
    },
    { name: 'input on the channel of output', chunks: [client(frame(bytes(1, 120)))] },
    { name: 'an unknown channel', chunks: [client(frame(bytes(5, 120)))] },
    { name: 'output on the channel of input', chunks: [server(onChannel(0, 'x'))] },
    { name: 'a close before there were closes', chunks: [client(frame(bytes(255, 0)))], protocol: 'v4.channel.k8s.io' },
    { name: 'a close of the server', chunks: [server(frame(bytes(255, 0), { mask: null }))] },
    { name: 'a close of nothing', chunks: [client(frame(bytes(255)))] },
    { name: 'a close of two', chunks: [client(frame(bytes(255, 0, 1)))] },
    { name: 'a close of what is none', chunks: [client(frame(bytes(255, 5)))] },
    { name: 'input behind its end', chunks: [client(frame(bytes(255, 0)), typed('x'))] },
    { name: 'input behind the last frame', chunks: [client(frame(bytes(3, 232), { opcode: 8 }), typed('x'))] },
    { name: 'text from a server that speaks bytes', chunks: [server(onChannel(1, 'x', { opcode: 1 }))] },
    {
      name: 'bytes from a server that speaks base64',
      chunks: [server(onChannel(0x31, 'eA=='))],
      protocol: 'base64.channel.k8s.io',
    },
    { name: 'no base64', chunks: [client(frame(Buffer.from('0e*==')))], protocol: 'base64.channel.k8s.io' },
    { name: 'base64 in lines', chunks: [client(frame(Buffer.from('0eA\n==')))], protocol: 'base64.channel.k8s.io' },
    { name: 'half of base64', chunks: [client(frame(Buffer.from('0eA')))], protocol: 'base64.channel.k8s.io' },
    {
      name: 'base64 behind its end',
      chunks: [client(frame(Buffer.from('0eA==eA==')))],
      protocol: 'base64.channel.k8s.io',
    },
    { name: 'a window size that never ends', chunks: [client(frame(Buffer.alloc(2000, '\x04{')))] },
    { name: 'a protocol that is none', chunks: [client(typed('x'))], protocol: 'v6.channel.k8s.io' },
    { name: 'a base64 that was never spoken', chunks: [client(typed('x'))], protocol: 'v5.base64.channel.k8s.io' },
    { name: "port-forward's tunnel", chunks: [client(typed('x'))], protocol: 'SPDY/3.1+portforward.k8s.io' },
  ]

  test.each(odd)('is unreadable with $name, and stays so', ({ chunks, protocol }) => {
    expect(() => says(chunks, protocol)).toThrow('unreadable')
    expect(() => says(inBytes(chunks), protocol)).toThrow('unreadable')
    const decoder = open(protocol)
    for (const { from, bytes: part } of chunks) decoder.push(from, part, 0)
    expect(decoder.push('client', typed('more'), 1)).toMatchObject({
      kind: 'unreadable',
      why: expect.stringMatching(/./),
    })
  })

  test('tells what stood before that which is unreadable', () => {
    const answer = open().push('client', Buffer.concat([typed('rm'), typed('x', { reserved: 1 })]), 5)
    expect(answer).toMatchObject({ kind: 'unreadable', events: [{ kind: 'input', atMs: 5 }] })
  })

  test('does not go back in time', () => {
    const decoder = open()
    decoder.push('client', typed('a'), 10)
    expect(decoder.push('client', typed('b'), 4)).toMatchObject([{ atMs: 10 }])
  })
})
