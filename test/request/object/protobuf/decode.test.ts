import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { decodeMessage } from '../../../../src/request/object/protobuf/decode.ts'
import { openEnvelope } from '../../../../src/request/object/protobuf/envelope.ts'
import table from '../../../../src/request/object/protobuf/messages.json' with { type: 'json' }
import { DELETE_OPTIONS } from '../../../../src/request/object/protobuf/messages.ts'
import { readFields } from '../../../../src/request/object/protobuf/wire.ts'
import { goModule } from '../../../support/programs/go-module.ts'
import { read } from '../../a-http-request.ts'
import { bytesField, flagField, varint } from '../a-protobuf.ts'
import { kubernetesMessages, LEFT_OUT } from './kubernetes-messages.ts'

interface Fixture {
  readonly name: string
  readonly json: { readonly apiVersion: string; readonly kind: string; readonly metadata?: unknown }
  readonly protobuf: Uint8Array
}

/** Objects with every field set, as JSON and as protobuf, that Kubernetes keeps to see that neither changes. */
const FIXTURES = await fixtures()
/** Answers, and what no API server serves any more. */
const NEVER_SENT = /^core\.v1\.Status$|^policy\.v1beta1\.Eviction$|^apiextensions\.k8s\.io\.v1beta1/
const SENT = FIXTURES.filter(
  ({ name, json }) =>
    json.metadata !== undefined &&
    !LEFT_OUT.test(name.replace('.k8s.io', '').replace('.', '/')) &&
    !NEVER_SENT.test(name),
)

describe('protobuf', () => {
  test('has the messages of Kubernetes', async () => {
    expect(`${JSON.stringify(table, null, 2)}\n`).toBe(await kubernetesMessages())
  })

  test.each(SENT)('of $name says what its JSON says', ({ json, protobuf }) => {
    const headers = [['content-type', 'application/vnd.kubernetes.protobuf']] as const
    const { object } = read(`POST ${pathOf(json)}`, { headers, body: protobuf })
    expect(object).toEqual({ kind: 'plain', value: json })
  })

  test('of the options of a delete says what their JSON says', () => {
    const { json, protobuf } = FIXTURES.find(({ name }) => name === 'core.v1.DeleteOptions') as Fixture
    const decoded = decodeMessage(DELETE_OPTIONS, openEnvelope(protobuf)?.fields ?? new Map())
    expect({ apiVersion: 'v1', kind: 'DeleteOptions', ...decoded }).toEqual(json)
  })
})

const DEPLOYMENT = 'apps/v1.Deployment'
const MINUS_ONE = Buffer.from([...Array(9).fill(0xff), 1])
const LABEL = bytesField(11, Buffer.concat([bytesField(1, 'a'), bytesField(2, 'b')]))
const entry = (...parts: readonly Buffer[]) => bytesField(1, bytesField(11, Buffer.concat(parts)))
/** Eight bytes, of which Go takes the first for the length of a text where it is the key or the value of a map. */
const fixed = (number: number, text: string) => Buffer.concat([varint(number * 8 + 1), Buffer.from(text)])
const PORTS = Array.from({ length: 3000 }, () => bytesField(6, flagField(3, 80)))
const inSpec = (...fields: readonly Buffer[]) => bytesField(2, Buffer.concat(fields))

describe('decodeMessage', () => {
  const decode = (bytes: Uint8Array, type = DEPLOYMENT) => decodeMessage(type, readFields(bytes) ?? new Map())

  test('leaves out what JSON would leave out, and keeps what is set to nothing', () => {
    const pod = Buffer.concat([
      bytesField(1, bytesField(1, '')),
      inSpec(bytesField(14, ''), flagField(11, 0), bytesField(3, '')),
    ])
    expect(decode(pod, 'core/v1.Pod')).toEqual({ spec: { securityContext: {} } })
    expect(decode(inSpec(flagField(1, 0)))).toEqual({ spec: { replicas: 0 } })
  })

  test('reads numbers below nought as Go does', () => {
    expect(decode(inSpec(Buffer.concat([varint(8), MINUS_ONE])))).toEqual({ spec: { replicas: -1 } })
  })

  test.each([
    { name: 'a number that Go would cut to 32 bits', body: inSpec(flagField(1, 2 ** 32 + 1)) },
    { name: 'a number that is not exact here', body: bytesField(1, flagField(7, 2 ** 60)) },
    { name: 'a number in the place of a text', body: bytesField(1, flagField(1, 1)) },
    { name: 'a text in the place of a number', body: inSpec(bytesField(1, 'x')) },
    { name: 'a number twice', body: inSpec(flagField(1, 1), flagField(1, 2)) },
    {
      name: 'a message twice, which Go merges',
      body: Buffer.concat([inSpec(flagField(1, 1)), inSpec(flagField(5, 2))]),
    },
    { name: 'a field of a later version', body: inSpec(bytesField(200, 'x')) },
    { name: 'a text that is no UTF-8', body: bytesField(1, bytesField(1, Buffer.from([0xff]))) },
    { name: 'a label twice', body: bytesField(1, Buffer.concat([LABEL, LABEL])) },
    { name: 'a key of a fixed length', body: entry(fixed(1, '\x07secured'), bytesField(2, 'no')) },
    { name: 'a value of a fixed length', body: entry(bytesField(1, 'a'), fixed(2, '\x07enforce')) },
    { name: 'a text of a fixed length', body: bytesField(1, fixed(1, '\x07enforce')) },
    { name: 'a label with more than key and value', body: bytesField(1, bytesField(11, bytesField(3, 'x'))) },
  ])('does not read $name', ({ body }) => {
    expect(decode(body)).toBeNull()
  })

  test('does not follow a schema without end', () => {
    const nested = (levels: number) => {
      let schema = bytesField(5, 'object')
      for (let at = 0; at < levels; at += 1) schema = bytesField(28, schema)
      return decode(schema, 'apiextensions/v1.JSONSchemaProps')
    }
    expect(nested(50)).not.toBeNull()
    expect(nested(1000)).toBeNull()
  })

  test('does not read more than any object has', () => {
    const names = (count: number) =>
      bytesField(1, Buffer.concat(Array.from({ length: count }, () => bytesField(14, 'x'))))
    expect(decode(names(1000))).not.toBeNull()
    const many = Array.from({ length: 9 }, () => bytesField(2, Buffer.concat([bytesField(1, 'c'), ...PORTS])))
    expect(decode(inSpec(...many), 'core/v1.Pod')).toBeNull()
  })
})

const ELSEWHERE: Readonly<Record<string, string>> = {
  Eviction: 'api/v1/namespaces/x/pods/p/eviction',
  TokenRequest: 'api/v1/namespaces/x/serviceaccounts/a/token',
  Scale: 'apis/apps/v1/namespaces/x/deployments/web/scale',
  Endpoints: 'api/v1/namespaces/x/endpoints',
}

/** Where the API server takes such a kind. */
function pathOf({ apiVersion, kind }: Fixture['json']): string {
  if (ELSEWHERE[kind] !== undefined) return `/${ELSEWHERE[kind]}`
  const name = kind.toLowerCase()
  const resource = name.endsWith('s') ? `${name}es` : name.endsWith('y') ? name.replace(/y$/, 'ies') : `${name}s`
  return `/${apiVersion === 'v1' ? 'api' : 'apis'}/${apiVersion}/${resource}`
}

async function fixtures(): Promise<readonly Fixture[]> {
  const [api, extensions] = await Promise.all([goModule('k8s.io/api'), goModule('k8s.io/apiextensions-apiserver')])
  return [join(api, 'testdata/HEAD'), join(extensions, 'pkg/apis/testdata/HEAD')].flatMap(folder =>
    readdirSync(folder)
      .filter(file => file.endsWith('.pb'))
      .map(file => ({
        name: file.replace('.pb', ''),
        json: JSON.parse(readFileSync(join(folder, file.replace('.pb', '.json')), 'utf8')),
        protobuf: readFileSync(join(folder, file)),
      })),
  )
}
