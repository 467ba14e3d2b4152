import fc from 'fast-check'
import { stringify } from 'yaml'
import type { BodyQuestion } from '../../../support/programs/go-oracle.ts'
import { arbitraryProtobuf } from './arbitrary-protobuf.ts'

/** Names and values in order; a name may come twice. */
type Members = readonly (readonly [name: string, value: Value])[]
type Value = string | number | boolean | null | readonly Value[] | { readonly members: Members }

const among = <T>(...values: readonly T[]) => fc.constantFrom(...values)
const often = <T>(usual: fc.Arbitrary<T>, odd: fc.Arbitrary<T>, weight = 9) =>
  fc.oneof({ weight, arbitrary: usual }, { weight: 1, arbitrary: odd })
const object = (members: Members): Value => ({ members })

const ODD_VALUE: fc.Arbitrary<Value> = among<Value>(
  null,
  5,
  true,
  '',
  'yes',
  '1e3',
  [],
  object([]),
  [object([])],
  'a\ud800',
  'é\u2028',
)
const TEXT = often<Value>(among<Value>('a', 'b', 'web-0', 'default', 'builder'), ODD_VALUE)
const FLAG = often<Value>(among<Value>(true, false), ODD_VALUE)

function members(pairs: readonly (readonly [string, fc.Arbitrary<Value>])[], maxLength: number): fc.Arbitrary<Value> {
  const one = fc.oneof(...pairs.map(([name, value]) => value.map(each => [name, each] as const)))
  const once = fc.uniqueArray(one, { maxLength, selector: ([name]) => name })
  return often(once, fc.array(one, { maxLength })).map(object)
}

const METADATA = often(
  members(
    [
      ...['name', 'namespace', 'generateName', 'uid', 'resourceVersion'].map(name => [name, TEXT] as const),
      ...['Name', 'annotations', '<<', 'managedFields'].map(name => [name, ODD_VALUE] as const),
    ],
    4,
  ),
  ODD_VALUE,
)

const VOLUME = members(
  [
    ['hostPath', among<Value>(object([['path', '/']]), null)],
    ['emptyDir', among(object([]))],
  ],
  2,
)
const CONTAINER = members(
  [
    ['name', TEXT],
    [
      'securityContext',
      members(
        [
          ['privileged', FLAG],
          ['Privileged', FLAG],
        ],
        2,
      ),
    ],
  ],
  3,
)
const SPEC = often(
  members(
    [
      ['hostNetwork', FLAG],
      ['hostPID', FLAG],
      ['HostIPC', FLAG],
      ['serviceAccountName', TEXT],
      ['serviceAccount', TEXT],
      ['volumes', VOLUME.map((volume): Value => [volume])],
      ['containers', CONTAINER.map((container): Value => [container])],
    ],
    4,
  ),
  ODD_VALUE,
)

const POD = members(
  [
    ['metadata', METADATA],
    ['spec', SPEC],
    ['Metadata', METADATA],
    ['status', ODD_VALUE],
  ],
  4,
).map((pod): Members => [['apiVersion', 'v1'], ['kind', 'Pod'], ...(pod as { readonly members: Members }).members])

/** Letters of names that are escaped, by number. */
function toJson(value: Value, written: (text: string) => string): string {
  if (Array.isArray(value)) return `[${value.map(each => toJson(each, written)).join(', ')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const { members } = value as { readonly members: Members }
  return `{${members.map(([name, each]) => `${written(JSON.stringify(name))}:${toJson(each, written)}`).join(',')}}`
}

function escapeSome(every: number): (text: string) => string {
  let count = 0
  return text =>
    text.replace(/[a-zA-Z]/g, letter => {
      count += 1
      return every > 0 && count % every === 0 ? `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}` : letter
    })
}

const JSON_TEXT = fc
  .tuple(POD, often(fc.constant(0), fc.integer({ min: 1, max: 40 }), 4))
  .map(([pod, every]) => toJson(object(pod), escapeSome(every)))

/** A name that comes twice is written once here; the mutations bring others. */
const YAML_TEXT = POD.map(pod => stringify(JSON.parse(toJson(object(pod), text => text))))

const ODD_PIECES = [
  ...[
    '\u0085',
    '\u2028',
    '\r',
    '\t',
    '# x',
    '---\n',
    '...\n',
    '&a ',
    '*a',
    '!!str ',
    '!!binary ',
    '<<: ',
    '? ',
    ': ',
    '- ',
  ],
  ...[
    '|\n',
    '>-\n',
    '"',
    "'",
    '{',
    '}',
    '[',
    ']',
    ',',
    '\n',
    '\n  ',
    '%YAML 1.1\n---\n',
    '\ufeff',
    '~',
    'yes',
    '1:30',
    '\\',
  ],
  ...[
    '\\u0061',
    '\\/',
    'null',
    'metadata:',
    '"metadata":',
    '"name":"c",',
    'name: c\n',
    'hostNetwork: true\n',
    ' #',
    '\0',
    '\u00a0',
  ],
]

const MUTATION = fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat({ max: 6 }), among('', ...ODD_PIECES))

function mutate(text: string, mutations: readonly (readonly [number, number, string])[]): string {
  return mutations.reduce((before, [where, cut, piece]) => {
    const at = Math.floor(before.length * where)
    return before.slice(0, at) + piece + before.slice(at + (piece === '' ? cut : 0))
  }, text)
}

const mutated = (texts: fc.Arbitrary<string>, maxLength: number) =>
  fc.tuple(texts, fc.array(MUTATION, { maxLength })).map(([text, mutations]) => Buffer.from(mutate(text, mutations)))

const of = (contentType: string, bodies: fc.Arbitrary<Uint8Array>): fc.Arbitrary<BodyQuestion> =>
  bodies.map(body => ({ contentType, body }))

/** Pods as clients send them, as nobody sends them, and broken ones, in every format that the API server reads. */
export const arbitraryBody: fc.Arbitrary<BodyQuestion> = fc.oneof(
  of(
    'application/json',
    JSON_TEXT.map(text => Buffer.from(text)),
  ),
  of('application/json', mutated(JSON_TEXT, 3)),
  of('application/yaml', mutated(JSON_TEXT, 2)),
  of('application/yaml', mutated(YAML_TEXT, 1)),
  of('application/yaml', mutated(YAML_TEXT, 4)),
  of('application/vnd.kubernetes.protobuf', arbitraryProtobuf),
)
