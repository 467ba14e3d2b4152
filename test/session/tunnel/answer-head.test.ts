import { describe, expect, test } from 'vitest'
import { type AnswerHead, AnswerHeadReader } from '../../../src/session/tunnel/answer-head.ts'

const AGREED =
  'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nSec-Websocket-Protocol: v5.channel.k8s.io\r\n\r\n'

/** In pieces of so many bytes; the offset is counted from the first of all. */
function read(text: string, size = text.length): AnswerHead & { readonly from?: number } {
  const reader = new AnswerHeadReader()
  const bytes = Buffer.from(text, 'latin1')
  for (let at = 0; at < bytes.length; at += size) {
    const head = reader.push(bytes.subarray(at, at + size))
    if (head.kind === 'head') return { ...head, from: at + head.rest }
    if (head.kind === 'unreadable') return head
  }
  return { kind: 'partial' }
}

describe('the head of an answer', () => {
  test.each([1, 2, 3, 7, 100, 10_000])('is read in pieces of %i bytes, and says where the tunnel begins', size => {
    const found = read(`${AGREED}\x82\x00`, size)
    expect(found).toMatchObject({ kind: 'head', status: 101, from: AGREED.length })
    expect(found.kind === 'head' && [...found.headers]).toEqual([
      ['connection', 'Upgrade'],
      ['sec-websocket-protocol', 'v5.channel.k8s.io'],
    ])
  })

  test.each([1, 5, 10_000])('may be announced by others, in pieces of %i bytes', size => {
    const before = 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n'
    expect(read(`${before}${AGREED}x`, size)).toMatchObject({ status: 101, from: before.length + AGREED.length })
  })

  test('may say no', () => {
    const no = 'HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\n'
    expect(read(`${no}no`)).toMatchObject({ status: 403, from: no.length })
  })

  test('has the lines of one name together', () => {
    const head = read('HTTP/1.1 101 \r\nX-Stream-Protocol-Version: a\r\nx-stream-protocol-version:b \r\n\r\n')
    expect(head.kind === 'head' && head.headers.get('x-stream-protocol-version')).toBe('a,b')
  })

  test.each([
    ['a line that ends without a carriage return', 'HTTP/1.1 101 a\nUpgrade: b\n\n'],
    ['the same in front', '\n'],
    ['a carriage return within a line', 'HTTP/1.1 101 a\rb'],
    ['an older version', 'HTTP/1.0 101 a\r\n\r\n'],
    ['no status', 'HTTP/1.1 1 a\r\n\r\n'],
    ['a folded line', 'HTTP/1.1 101 a\r\nA: b\r\n c\r\n\r\n'],
    ['a blank in front of the colon', 'HTTP/1.1 101 a\r\nA : b\r\n\r\n'],
    ['no colon', 'HTTP/1.1 101 a\r\nA\r\n\r\n'],
    ['a zero', 'HTTP/1.1 101 a\r\nA: \0\r\n\r\n'],
    ['an empty line in front', '\r\nHTTP/1.1 101 a\r\n\r\n'],
  ])('with %s is not read', (_, text) => {
    expect([read(text), read(text, 1)]).toEqual([{ kind: 'unreadable' }, { kind: 'unreadable' }])
  })

  test.each([1000, 100_000])('that does not end is given up, in pieces of %i bytes', size => {
    expect(read(`HTTP/1.1 101 a\r\nA: ${'b'.repeat(70_000)}`, size)).toEqual({ kind: 'unreadable' })
    expect(read(`HTTP/1.1 101 a\r\nA: ${'b'.repeat(70_000)}\r\n\r\n`, size)).toEqual({ kind: 'unreadable' })
  })
})
