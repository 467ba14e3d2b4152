import { deflateSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { openDecoder } from '../../../src/session/tunnel/decoder.ts'
import { DICTIONARY } from '../../../src/session/tunnel/spdy/dictionary.ts'
import { type Chunk, decodeAll, inBytes, said } from './said.ts'
import { Blocks, control, data, type HeaderLines, synReply, synStream, uint32 } from './wire.ts'

const open = (protocol = 'v4.channel.k8s.io') => openDecoder({ upgrade: 'spdy', protocol })
const client = (...parts: readonly Buffer[]): Chunk => ({ from: 'client', bytes: Buffer.concat(parts) })
const server = (...parts: readonly Buffer[]): Chunk => ({ from: 'server', bytes: Buffer.concat(parts) })
const says = (chunks: readonly Chunk[], protocol?: string) => said(decodeAll(open(protocol), chunks))
const of = (type: string): HeaderLines => [['streamtype', type]]

/** Five streams, answered: 1 error, 3 stdin, 5 stdout, 7 stderr, 9 resize. */
function begun(): readonly Chunk[] {
  const [asked, answered] = [new Blocks(), new Blocks()]
  const types = ['error', 'stdin', 'stdout', 'stderr', 'resize']
  return [
    client(...types.map((type, at) => synStream(at * 2 + 1, asked.next(of(type))))),
    server(...types.map((_, at) => synReply(at * 2 + 1, answered.next([])))),
  ]
}

function headers(...lines: readonly (readonly [string, string])[]): readonly Buffer[] {
  return lines.flat().flatMap(text => [uint32(text.length), Buffer.from(text)])
}

/** A whole zlib stream, and something behind it. */
const ended = Buffer.concat([
  deflateSync(Buffer.concat([uint32(1), ...headers(['streamtype', 'stdin'])]), { dictionary: DICTIONARY }),
  Buffer.from('more'),
])

const PING = control(6, uint32(1))

describe('SPDY', () => {
  test('carries what either side says on its streams', () => {
    const chunks = [
      ...begun(),
      client(data(9, '{"Width":80,'), PING, data(9, '"Height":24}\n'), data(3, 'ls'), data(3, '\r', { flags: 1 })),
      server(
        control(4, Buffer.concat([uint32(1), uint32(7), uint32(100)])),
        control(9, Buffer.concat([uint32(1), uint32(5)])),
      ),
      server(data(5, 'a'), data(7, 'bad'), data(5, 'b'), data(1, '{}'), control(7, Buffer.alloc(8))),
    ]
    const all = [
      ...['resize "{\\"Width\\":80,\\"Height\\":24}"', 'input "ls\\r"', 'input-end ""', 'output "a"'],
      ...['error-output "bad"', 'output "b"', 'status "{}"'],
    ]
    expect(says(chunks)).toEqual(all)
    expect(says(inBytes(chunks))).toEqual(all)
  })

  test('tells at once what is there of a long frame, and holds nothing', () => {
    const decoder = open()
    decodeAll(decoder, [...begun(), server(data(5, '', { length: 2 ** 24 - 1 }))])
    const part = Buffer.alloc(2 ** 20, 'x')
    const before = process.memoryUsage().arrayBuffers
    for (let sent = 0; sent < 15; sent += 1) {
      expect(decoder.push('server', part, sent)).toMatchObject([{ kind: 'output', bytes: { length: 2 ** 20 } }])
    }
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 * 2 ** 20)
  })

  const odd: readonly { readonly name: string; readonly chunks: readonly Chunk[]; readonly protocol?: string }[] = [
    { name: 'another version', chunks: [client(control(6, uint32(1), { version: 2 }))] },
    { name: 'a frame that is none', chunks: [client(control(5, Buffer.alloc(0)))] },
    { name: 'headers outside of a beginning', chunks: [...begun(), client(control(8, uint32(3)))] },
    { name: 'a ping that is longer', chunks: [client(control(6, Buffer.concat([uint32(1), data(3, 'x')])))] },
    { name: 'a reset that is longer', chunks: [...begun(), client(control(3, Buffer.alloc(12, 1)))] },
    { name: 'settings that are longer', chunks: [client(control(4, Buffer.alloc(12)))] },
    { name: 'a control frame of a mebibyte', chunks: [client(control(4, Buffer.alloc(0), { length: 2 ** 20 }))] },
    { name: 'data with odd flags', chunks: [...begun(), client(data(3, 'x', { flags: 2 }))] },
    { name: 'data on no stream', chunks: [...begun(), client(data(11, 'x'))] },
    { name: 'input on the stream of output', chunks: [...begun(), client(data(5, 'x'))] },
    { name: 'output on the stream of input', chunks: [...begun(), server(data(3, 'x'))] },
    { name: 'input behind its end', chunks: [...begun(), client(data(3, '', { flags: 1 }), data(3, 'x'))] },
    {
      name: 'input behind its reset',
      chunks: [...begun(), client(control(3, Buffer.concat([uint32(3), uint32(5)])), data(3, 'x'))],
    },
    { name: 'input behind the last frame', chunks: [...begun(), client(control(7, Buffer.alloc(8)), data(3, 'x'))] },
    {
      name: 'output before its reply',
      chunks: [client(synStream(1, new Blocks().next(of('stdout')))), server(data(1, 'x'))],
    },
    { name: 'a reply to nothing', chunks: [server(synReply(1, new Blocks().next([])))] },
    { name: 'a stream of the server', chunks: [server(synStream(2, new Blocks().next(of('stdout'))))] },
    {
      name: 'a stream of the server with an odd number',
      chunks: [server(synStream(1, new Blocks().next(of('stdout'))))],
    },
    { name: 'a stream with an even number', chunks: [client(synStream(2, new Blocks().next(of('stdin'))))] },
    { name: 'a stream within another', chunks: [client(synStream(1, new Blocks().next(of('stdin')), { parent: 1 }))] },
    { name: 'a stream one way', chunks: [client(synStream(1, new Blocks().next(of('stdin')), { flags: 2 }))] },
    { name: 'a stream of no type', chunks: [client(synStream(1, new Blocks().next([])))] },
    { name: 'a stream of an odd type', chunks: [client(synStream(1, new Blocks().next(of('data'))))] },
    { name: 'two types in one', chunks: [client(synStream(1, new Blocks().next(of('stdin\0stdout'))))] },
    { name: 'two types', chunks: [client(synStream(1, new Blocks().next([...of('stdin'), ...of('stdout')])))] },
    { name: 'a name in capitals', chunks: [client(synStream(1, new Blocks().next([['streamType', 'stdin']])))] },
    {
      name: 'more behind the headers',
      chunks: [client(synStream(1, new Blocks().next(of('stdin'), Buffer.from('x'))))],
    },
    { name: 'less than the headers', chunks: [client(synStream(1, new Blocks().raw(uint32(1))))] },
    { name: 'bytes behind the end of zlib', chunks: [client(synStream(1, ended))] },
    { name: 'no zlib', chunks: [client(synStream(1, Buffer.from('streamtype: stdin')))] },
    {
      name: 'window sizes before there were any',
      chunks: [client(synStream(1, new Blocks().next(of('resize'))))],
      protocol: 'v2.channel.k8s.io',
    },
    { name: 'a protocol that is none', chunks: [client(PING)], protocol: 'v5.channel.k8s.io' },
  ]

  test.each(odd)('is unreadable with $name', ({ chunks, protocol }) => {
    expect(() => says(chunks, protocol)).toThrow('unreadable')
    expect(() => says(inBytes(chunks), protocol)).toThrow('unreadable')
  })

  test('is unreadable with a second stream of a type, and with a number that was taken', () => {
    const blocks = new Blocks()
    const first = synStream(3, blocks.next(of('stdin')))
    expect(says([client(first)])).toEqual([])
    expect(() => says([client(first, synStream(5, blocks.next(of('stdin'))))])).toThrow('second stream')
    const other = new Blocks()
    const again = [synStream(3, other.next(of('stdin'))), synStream(3, other.next(of('stdout')))]
    expect(() => says([client(...again)])).toThrow('number')
  })

  test('does not inflate more than a session needs', () => {
    const block = (length: number) =>
      new Blocks().raw(Buffer.concat([uint32(2), ...headers(['streamtype', 'stdin'], ['x', 'a'.repeat(length)])]), 9)
    expect(block(70_000).length).toBeLessThan(200)
    expect(() => says([client(synStream(1, block(70_000)))])).toThrow('headers')
    expect(says([client(synStream(1, block(60_000)))])).toEqual([])
  })

  describe('keeps the error stream from being empty before its Status', () => {
    const blank = data(1, ' ').toString('latin1')

    /** What the client gets of the server's pieces. */
    function delivered(chunks: readonly Chunk[], protocol?: string): string {
      const decoder = open(protocol)
      return chunks
        .map(({ from, bytes }) => {
          decoder.push(from, bytes, 0)
          const { at, bytes: added } = decoder.addition() ?? { at: 0, bytes: new Uint8Array() }
          if (from === 'client') expect(added.length).toBe(0)
          const parts = [bytes.subarray(0, at), added, bytes.subarray(at)]
          return from === 'client' ? '' : Buffer.concat(parts).toString('latin1')
        })
        .join('')
    }

    const asked = client(synStream(1, new Blocks().next(of('error'))))
    const [reply, status] = [synReply(1, new Blocks().next([])), data(1, '{"status":"Success"}')]

    test('behind its reply, however the bytes come', () => {
      const chunks = [asked, server(PING, reply, status)]
      const want = [PING.toString('latin1'), reply.toString('latin1'), blank, status.toString('latin1')].join('')
      expect(delivered(chunks)).toBe(want)
      expect(delivered(inBytes(chunks))).toBe(want)
    })

    test('on the stream that has that type', () => {
      const [sent, answered] = [new Blocks(), new Blocks()]
      const chunks = [
        client(synStream(1, sent.next(of('stdout'))), synStream(3, sent.next(of('error')))),
        server(synReply(1, answered.next([])), data(1, 'out'), synReply(3, answered.next([]))),
      ]
      expect(delivered(chunks)).toContain(data(3, ' ').toString('latin1'))
      expect(delivered(chunks)).not.toContain(blank)
    })

    test.each([
      {
        name: 'of an elder protocol, whose good end is an empty one',
        chunks: [asked, server(reply)],
        protocol: 'v3.channel.k8s.io',
      },
      {
        name: 'of one that the server has ended',
        chunks: [asked, server(synReply(1, new Blocks().next([]), { flags: 1 }))],
      },
      {
        name: 'that nobody has opened',
        chunks: [client(synStream(1, new Blocks().next(of('stdout')))), server(reply)],
      },
    ])('but nothing is added $name', ({ chunks, protocol }) => {
      const sent = chunks
        .filter(({ from }) => from === 'server')
        .map(({ bytes }) => Buffer.from(bytes).toString('latin1'))
      expect(delivered(chunks, protocol)).toBe(sent.join(''))
    })
  })

  test('lets a server of the first version write where it has said that it would not', () => {
    const chunks = [...begun(), server(control(3, Buffer.concat([uint32(1), uint32(5)])), data(1, 'failed'))]
    expect(says(chunks)).toEqual(['status "failed"'])
  })
})
