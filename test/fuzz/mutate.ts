import type { Random } from './random.ts'

const MAX_BYTES = 16_384

/** What parsers trip over, whatever the format. */
const PIECES = [
  ...[
    '',
    '\0',
    '\n',
    '\r\n',
    '\r',
    '\t',
    ' ',
    ':',
    ';',
    ',',
    '.',
    '..',
    '/',
    '//',
    '\\',
    '%',
    '%2f',
    '%00',
    '%zz',
    '#',
    '?',
    '&',
    '=',
  ],
  ...[
    '"',
    "'",
    '{',
    '}',
    '[',
    ']',
    '{"a":',
    'null',
    'true',
    '1e999',
    '-0',
    '\\u0000',
    '\\ud800',
    '\\u0061',
    '__proto__',
    'constructor',
  ],
  ...[
    '\xff',
    '\xc0\xaf',
    '\xed\xa0\x80',
    '\xef\xbb\xbf',
    '\xe2\x80\xa8',
    '\xc2\x85',
    '\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01',
    '\x0a\x00',
  ],
  ...[
    '99999999999999999999',
    '4294967296',
    '-1',
    'watch',
    'watch=true',
    'namespaces/',
    'proxy/',
    'Upgrade: websocket',
    'Connection: Upgrade',
  ],
  ...[
    'Authorization: Bearer a',
    'Content-Type: application/yaml',
    'Content-Length: 5',
    '&a ',
    '*a',
    '<<: ',
    '- ',
    '!!binary ',
    '---\n',
    '%YAML 1.1\n',
  ],
].map(piece => Buffer.from(piece, 'latin1'))

type Mutation = (bytes: Buffer, random: Random, corpus: readonly Uint8Array[]) => Buffer

const MUTATIONS: readonly Mutation[] = [
  function change(bytes, random) {
    const changed = Buffer.from(bytes)
    if (changed.length > 0) changed[random.below(changed.length)] = random.below(256)
    return changed
  },
  function flip(bytes, random) {
    const flipped = Buffer.from(bytes)
    const at = random.below(flipped.length)
    if (flipped.length > 0) flipped[at] = (flipped[at] ?? 0) ^ (1 << random.below(8))
    return flipped
  },
  (bytes, random) => splice(bytes, random, 0, random.pick(PIECES)),
  (bytes, random) => splice(bytes, random, 1 + random.below(8), random.pick(PIECES)),
  (bytes, random) => splice(bytes, random, random.below(Math.max(1, bytes.length / 2)), Buffer.alloc(0)),
  function again(bytes, random) {
    const from = random.below(bytes.length)
    const slice = bytes.subarray(from, from + 1 + random.below(64))
    return splice(
      bytes,
      random,
      0,
      Buffer.concat(Array.from({ length: 1 + random.below(random.below(64) + 1) }, () => slice)),
    )
  },
  function cross(bytes, random, corpus) {
    const other = random.pick(corpus)
    const from = random.below(other.length)
    return splice(bytes, random, random.below(32), Buffer.from(other.subarray(from, from + 1 + random.below(256))))
  },
  function move(bytes, random) {
    const from = random.below(bytes.length)
    const size = 1 + random.below(64)
    const rest = Buffer.concat([bytes.subarray(0, from), bytes.subarray(from + size)])
    return splice(rest, random, 0, bytes.subarray(from, from + size))
  },
]

/** One to four changes: bytes, pieces that parsers trip over, parts of other inputs, repetitions. */
export function mutate(input: Uint8Array, random: Random, corpus: readonly Uint8Array[]): Buffer {
  let bytes = Buffer.from(input)
  for (let left = 1 + random.below(4); left > 0; left -= 1) {
    bytes = Buffer.from(random.pick(MUTATIONS)(bytes, random, corpus).subarray(0, MAX_BYTES))
  }
  return bytes
}

function splice(bytes: Buffer, random: Random, cut: number, piece: Uint8Array): Buffer {
  const at = random.below(bytes.length + 1)
  return Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at + Math.floor(cut))])
}
