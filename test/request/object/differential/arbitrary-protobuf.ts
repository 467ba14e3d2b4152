import fc from 'fast-check'

const among = <T>(...values: readonly T[]) => fc.constantFrom(...values)
const join = (parts: readonly Uint8Array[]) => Buffer.concat(parts)

/** With more bytes than it needs, where `spare` says so. */
function varint(value: bigint, spare: number): Buffer {
  const bytes: number[] = []
  let left = value
  do {
    bytes.push(Number(left & 0x7fn) | 0x80)
    left >>= 7n
  } while (left > 0n)
  for (let more = 0; more < spare; more += 1) bytes.push(0x80)
  bytes.push((bytes.pop() ?? 0) & 0x7f)
  return Buffer.from(bytes)
}

const SPARE = fc.oneof(
  { weight: 20, arbitrary: fc.constant(0) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 9 }) },
)

/** What Go's decoder cuts off a field's number. */
const BEYOND = fc.oneof(
  { weight: 20, arbitrary: fc.constant(0n) },
  { weight: 1, arbitrary: among(1n << 32n, 1n << 29n, 1n << 64n, 1n << 35n) },
)

function field(number: number, wireType: number, content: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> {
  const odd = fc.integer({ min: 0, max: 7 })
  const type = fc.oneof({ weight: 30, arbitrary: fc.constant(wireType) }, { weight: 1, arbitrary: odd })
  return fc.tuple(type, BEYOND, SPARE, content).map(([wire, beyond, spare, bytes]) => {
    const tag = varint(((BigInt(number) + beyond) << 3n) | BigInt(wire), spare)
    return wireType === 2 ? join([tag, varint(BigInt(bytes.length), spare), bytes]) : join([tag, bytes])
  })
}

const message = (fields: readonly fc.Arbitrary<Uint8Array>[], maxLength: number) =>
  fc.array(fc.oneof(...fields), { maxLength }).map(join)

const TEXT = among('a', 'b', 'default', '', '\ud800').map(text => Buffer.from(text))
const FLAG = fc.tuple(among(0n, 1n, 2n, 1n << 63n, 1n << 64n), SPARE).map(([value, spare]) => varint(value, spare))

/** Eight bytes, of which Go takes the first for a length where it does not look at the wire type: in entries of maps. */
const FIXED = among('\x07secured', '\x03a\x12\x02bcd', '\x00\x12\x05abcde').map(text => Buffer.from(text, 'latin1'))
const LABEL = message(
  [1, 2].flatMap(number => [field(number, 2, TEXT), field(number, 2, TEXT), field(number, 1, FIXED)]),
  3,
)
const META = message([...[1, 2, 3, 5, 6].map(number => field(number, 2, TEXT)), field(11, 2, LABEL)], 3)
const HOST_PATH = message(
  [field(1, 2, TEXT), field(2, 2, message([field(1, 2, message([field(1, 2, TEXT)], 1))], 2))],
  2,
)
const CONTAINER = message([field(1, 2, TEXT), field(15, 2, message([field(2, 0, FLAG)], 2))], 2)
const SPEC = message(
  [
    field(1, 2, HOST_PATH),
    field(2, 2, CONTAINER),
    ...[8, 9].map(number => field(number, 2, TEXT)),
    ...[11, 12, 13].map(number => field(number, 0, FLAG)),
  ],
  4,
)
const POD = message([field(1, 2, META), field(2, 2, SPEC)], 3)
const TYPE = Buffer.from('\x0a\x02v1\x12\x03Pod', 'latin1')
const UNKNOWN = fc
  .tuple(
    field(1, 2, fc.constant(TYPE)),
    message([field(2, 2, POD)], 2),
    message([field(3, 2, TEXT), field(4, 2, TEXT)], 1),
  )
  .map(join)

const CHANGE = fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat({ max: 255 }))

/** A Pod in Kubernetes' envelope, with fields that come twice, in odd numbers, lengths and wire types; some bytes changed. */
export const arbitraryProtobuf: fc.Arbitrary<Uint8Array> = fc
  .tuple(UNKNOWN, fc.oneof({ weight: 4, arbitrary: fc.constant([]) }, fc.array(CHANGE, { maxLength: 3 })))
  .map(([unknown, changes]) => {
    const bytes = Buffer.concat([Buffer.from('k8s\0'), unknown])
    for (const [where, byte] of changes) bytes[Math.floor(bytes.length * where)] = byte
    return bytes
  })
