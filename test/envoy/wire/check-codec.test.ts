import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadPackageDefinition, type ServiceClientConstructor } from '@grpc/grpc-js'
import { loadSync } from '@grpc/proto-loader'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Answer } from '../../../src/envoy/answer.ts'
import { readCheck, writeAnswer } from '../../../src/envoy/server/check-codec.ts'
import { serviceDefinition } from '../../../src/envoy/server/protos.ts'
import { toCheckResponse } from '../../../src/envoy/to-check-response.ts'
import { type CheckRequest, isHeadAlone, toHttpRequest } from '../../../src/envoy/to-http-request.ts'
import { readPlainCheck } from '../../../src/envoy/wire/plain-check.ts'
import { writePlainAllow } from '../../../src/envoy/wire/write-response.ts'
import { changed, edits } from './tampered.ts'

const library = (() => {
  const method = serviceDefinition('envoy.service.auth.v3.Authorization')['Check']
  if (method === undefined) throw new Error('no Check')
  return method
})()

/** Of the protos only what is read: to it all else is unknown, and passed by. */
const READ_ALONE = `syntax = "proto3"; package alone;
message Check { Attributes attributes = 1; }
message Attributes { Peer source = 1; Request request = 4; map<string, string> context_extensions = 10; }
message Peer { Address address = 1; string certificate = 5; }
message Address { Socket socket_address = 1; }
message Socket { string address = 2; }
message Request { Http http = 2; }
message Http { string method = 2; string path = 4; bytes raw_body = 12; Headers header_map = 13; }
message Headers { repeated Header headers = 1; }
message Header { string key = 1; string value = 2; bytes raw_value = 3; }
service S { rpc Check(Check) returns (Check); }`

const alone = (() => {
  const file = join(mkdtempSync(join(tmpdir(), 'lg-alone-')), 'alone.proto')
  writeFileSync(file, READ_ALONE)
  const loaded = loadPackageDefinition(loadSync(file, { keepCase: true }))
  const method = (loaded['alone'] as unknown as { S: ServiceClientConstructor }).S.service['Check']
  if (method === undefined) throw new Error('no Check')
  return method
})()

/** What one reader makes of it: what is asked, or that nothing is. */
function outcome(read: () => CheckRequest): unknown {
  let check: CheckRequest
  try {
    check = read()
  } catch {
    return 'no message'
  }
  try {
    const http = toHttpRequest(check)
    return { ...http, body: Buffer.from(http.body).toString('latin1'), isHead: isHeadAlone(check) }
  } catch {
    return 'nobody’s request'
  }
}

/** The two readers agree, or the plain one says nothing; whether it did. */
function agree(bytes: Buffer): boolean {
  const plain = readPlainCheck(bytes)
  const whole = outcome(() => library.requestDeserialize(bytes) as CheckRequest)
  expect(outcome(() => readCheck(bytes))).toEqual(
    plain === null || whole !== 'no message' ? whole : outcome(() => alone.requestDeserialize(bytes) as CheckRequest),
  )
  return plain !== null
}

const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom('GET', '/a?b', 'x-request-id', ':path'),
)
const bytes = fc.uint8Array({ maxLength: 20 }).map(array => Buffer.from(array))
const header = fc.record({ key: text, value: text, raw_value: bytes }, { requiredKeys: [] })
const usual = fc.constantFrom({ key: 'x-request-id', raw_value: Buffer.from('id') }, { key: ':path', value: '/a' })
const pem = (der: string) =>
  `-----BEGIN CERTIFICATE-----\n${Buffer.from(der).toString('base64')}\n-----END CERTIFICATE-----\n`
const certificate = fc.oneof(
  text,
  fc.string({ minLength: 1 }).map(der => encodeURIComponent(pem(der))),
)
const peer = fc.record(
  {
    address: fc.record({ socket_address: fc.record({ address: text, port_value: fc.nat() }) }),
    ...{ principal: text, certificate },
  },
  { requiredKeys: [] },
)
const http = fc.record(
  {
    ...{ id: text, method: text, path: text, host: text, size: fc.integer(), raw_body: bytes, protocol: text },
    header_map: fc.record({ headers: fc.array(fc.oneof(header, usual)) }),
  },
  { requiredKeys: [] },
)
const asked = fc.record(
  {
    source: peer,
    destination: peer,
    request: fc.record({ http, time: fc.record({ seconds: fc.nat(), nanos: fc.nat() }) }, { requiredKeys: [] }),
    context_extensions: fc.dictionary(fc.constantFrom('route', 'part', 'body_limit', 'other'), text),
    metadata_context: fc.constant({}),
    tls_session: fc.record({ sni: text }),
  },
  { requiredKeys: [] },
)
const messages = asked.map(attributes => library.requestSerialize({ attributes }))

const field = (number: number, wire: number, ...content: number[]) => [(number << 3) | wire, ...content]
const within = (number: number, content: readonly number[]) => [...field(number, 2), content.length, ...content]
const letters = (number: number, said: string) => within(number, [...Buffer.from(said, 'latin1')])
const line = (name: string, value: string) => within(1, [...letters(1, name), ...letters(3, value)])
const ID = line('x-request-id', 'id')
const request = (...content: readonly (readonly number[])[]) => within(1, within(4, within(2, content.flat())))
const HTTP = [letters(2, 'GET'), letters(4, '/a'), within(13, ID)] as const
const extension = (content: readonly number[]) => within(1, within(10, content))

describe('readCheck', () => {
  test('reads what Envoy sends without the library, and as the library does', () => {
    fc.assert(
      fc.property(messages, message => {
        expect(agree(message)).toBe(true)
      }),
    )
  })

  test('of a message that was tampered with it says what the library says', () => {
    let plain = 0
    fc.assert(
      fc.property(messages, edits, (message, changes) => {
        if (agree(changes.reduce(changed, message))) plain += 1
      }),
      { numRuns: 4000 },
    )
    // Else nothing was compared.
    expect(plain).toBeGreaterThan(150)
  })

  test.each([
    { name: 'a plain one', given: request(...HTTP), isPlain: true },
    { name: 'unknown fields', given: [...request(...HTTP, letters(15, 'x')), ...letters(5, 'x')], isPlain: true },
    { name: 'two lines of one name', given: request(HTTP[0], HTTP[1], within(13, [...ID, ...ID])), isPlain: true },
    { name: 'text that is not UTF-8', given: request(letters(2, 'G\xff\xc0'), HTTP[1], HTTP[2]), isPlain: true },
    { name: 'a method twice', given: request(...HTTP, letters(2, 'PUT')), isPlain: false },
    { name: 'a path twice', given: request(...HTTP, letters(4, '/b')), isPlain: false },
    { name: 'headers in two parts', given: request(...HTTP, within(13, line('a', 'b'))), isPlain: false },
    { name: 'headers as a map too', given: request(...HTTP, within(3, letters(1, 'a'))), isPlain: false },
    { name: 'a request in two parts', given: [...request(...HTTP), ...request(letters(2, 'PUT'))], isPlain: false },
    { name: 'a method that is a number', given: request(...HTTP, field(2, 0, 1)), isPlain: false },
    { name: 'an id that is a number', given: request(field(1, 0, 2), ...HTTP), isPlain: false },
    { name: 'a size that is text', given: request(field(9, 2, 1, 1), ...HTTP), isPlain: false },
    { name: 'a group', given: [...field(9, 3), ...field(9, 4), ...request(...HTTP)], isPlain: false },
    { name: 'field 0', given: [...letters(0, 'x'), ...request(...HTTP)], isPlain: false },
    { name: 'a size of ten bytes', given: request(field(9, 0, ...Array(9).fill(255), 1), ...HTTP), isPlain: true },
    { name: 'a size without end', given: request(field(9, 0, ...Array(11).fill(255)), ...HTTP), isPlain: false },
    { name: 'a length in five bytes', given: [10, 0x80, 0x80, 0x80, 0x80, 0], isPlain: false },
    { name: 'a length past the end', given: [...request(...HTTP), 10, 5], isPlain: false },
    { name: 'a tag without its field', given: [...request(...HTTP), 10], isPlain: false },
    { name: 'an extension', given: extension([...letters(1, 'part'), ...letters(2, 'head')]), isPlain: true },
    { name: 'an extension without value', given: extension(letters(1, 'part')), isPlain: true },
    { name: 'an extension without key', given: extension(letters(2, 'head')), isPlain: false },
    {
      name: 'an extension with two values',
      given: extension([...letters(1, 'part'), ...letters(2, 'head'), ...letters(2, 'x')]),
      isPlain: false,
    },
    { name: 'an extension of all objects', given: extension(letters(1, '__proto__')), isPlain: false },
  ])('$name', ({ given, isPlain }) => {
    expect(agree(Buffer.from(given))).toBe(isPlain)
  })

  test('what is cut anywhere is read as the library reads it', () => {
    const whole = Buffer.from(request(...HTTP))
    for (let length = 0; length <= whole.length; length += 1) agree(whole.subarray(0, length))
  })
})

const printable = fc.string({
  unit: fc.integer({ min: 0x20, max: 0x7e }).map(code => String.fromCharCode(code)),
  minLength: 1,
})
const extras = fc.record(
  { 'leasegate.dev/lease': printable, 'leasegate.dev/task': printable, 'leasegate.dev/bound': printable },
  { requiredKeys: ['leasegate.dev/lease'] },
)
const allows: fc.Arbitrary<Answer> = fc.record({
  kind: fc.constant('allow' as const),
  key: fc.record({ auditId: text, decidedAt: fc.nat({ max: 2 ** 45 }), agent: text, lease: text }),
  identity: fc.record({ user: printable, groups: fc.array(printable, { maxLength: 4 }), extras }),
  streamMs: fc.oneof(fc.nat(), fc.constantFrom(0, -1, Number.NaN, Number.POSITIVE_INFINITY, 0.5)),
  timeoutSeconds: fc.constant(null),
  warning: fc.constant(null),
})

describe('writeAnswer', () => {
  test('writes an allow byte for byte as the library does, also when its identity comes again', () => {
    fc.assert(
      fc.property(allows, answer => {
        const want = library.responseSerialize(toCheckResponse(answer))
        for (let times = 0; times < 2; times += 1) {
          expect(writePlainAllow(answer)?.equals(want)).toBe(true)
          expect(writeAnswer(answer).equals(want)).toBe(true)
        }
      }),
    )
  })

  test.each([
    { name: 'a watch', given: { timeoutSeconds: 5 } },
    { name: 'a warning', given: { warning: 'soon' } },
    { name: 'a yes that was used', given: { approval: 'apr_1' } },
    { name: 'a session that is watched', given: { watched: true } },
  ])('leaves $name to the library', ({ given }) => {
    const [plain] = fc.sample(allows, 1)
    const answer = { ...plain, ...given } as Answer
    expect(writePlainAllow(answer)).toBeNull()
    expect(writeAnswer(answer).equals(library.responseSerialize(toCheckResponse(answer)))).toBe(true)
  })

  test('a line break in an identity is not sent', () => {
    const [plain] = fc.sample(allows, 1)
    const identity = { user: 'a\nb', groups: [], extras: {} }
    expect(() => writeAnswer({ ...plain, identity } as Answer)).toThrow('not printable')
  })
})
