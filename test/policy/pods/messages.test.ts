import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { MESSAGE_OF, MESSAGES } from '../../../src/policy/pods/messages.ts'
import { goModule } from '../../support/go-module.ts'

interface ProtoField {
  readonly name: string
  readonly type: string
  readonly repeats: boolean
}

/** What the API server's own definitions say, by name of the message. */
const definitions = await protoMessages()

/** Names in JSON differ from those in protobuf only where a message stands in its parent. */
const IN_PARENT = ['volumeSource', 'handler', 'ephemeralContainerCommon']

/** By these names a pod is judged: nothing that is not looked into may have them. */
const LOOKED_FOR =
  /^(host(?!names$).*|privileged|procMount|capabilities|sysctls|seccompProfile|appArmorProfile|seLinuxOptions|windowsOptions|httpGet|tcpSocket|volumes|nodeName|secret.*|serviceAccount.*|podCertificate|imagePullSecrets|nodePublishSecretRef|csi)$/

describe('messages that lead to pods', () => {
  test.each(Object.keys(MESSAGES))('%s has the fields that Kubernetes gives it', message => {
    const here = fieldsOf(message).map(({ number, name, repeats }) => ({ number, name, repeats }))
    const there = [...(definitions.get(message) ?? [])].map(([number, { name, repeats }]) => ({
      number,
      name: IN_PARENT.includes(name) ? '...' : name,
      repeats,
    }))
    expect(here).toEqual(there.sort((a, b) => a.number - b.number))
  })

  test('texts, numbers and flags are what Kubernetes says, and messages are those', () => {
    for (const message of Object.keys(MESSAGES)) {
      for (const { number, name, type } of fieldsOf(message)) {
        const said = definitions.get(message)?.get(number)?.type
        const want = { text: 'string', flag: 'bool', texts: 'map' }[type] ?? type
        if (type === 'number') expect(said).toMatch(/^int(?:32|64)$/)
        else if (type !== 'any') expect({ message, name, type: said }).toEqual({ message, name, type: want })
      }
    }
  })

  test('what is not looked into leads to nothing that is looked for', () => {
    const status = (type: string) => type.endsWith('Status')
    const found: string[] = []
    for (const message of Object.keys(MESSAGES)) {
      for (const { number, name, type } of fieldsOf(message)) {
        const inner = definitions.get(message)?.get(number)?.type ?? ''
        if (type === 'any' && !status(inner))
          found.push(...namesBelow(inner).map(below => `${message}.${name}: ${below}`))
      }
    }
    // What is a Secret already by the name of its field.
    expect(found.filter(each => LOOKED_FOR.test(each.split(': ')[1] ?? ''))).toEqual([
      'VolumeSource.secret: secretName',
    ])
  })

  test('each kind has a message', () => {
    for (const message of Object.values(MESSAGE_OF)) expect(Object.keys(MESSAGES)).toContain(message)
  })
})

function fieldsOf(message: string): readonly (ProtoField & { readonly number: number })[] {
  return (MESSAGES[message] ?? '').split(',').map(field => {
    const [number = '', name = '', type = ''] = field.trim().split(' ')
    return { number: Number(number), name, type: type.replace('*', ''), repeats: type.endsWith('*') }
  })
}

/** Names of all fields below a message. */
function namesBelow(message: string, seen: Set<string> = new Set()): readonly string[] {
  if (seen.has(message)) return []
  seen.add(message)
  return [...(definitions.get(message)?.values() ?? [])].flatMap(({ name, type }) => [name, ...namesBelow(type, seen)])
}

async function protoMessages(): Promise<ReadonlyMap<string, ReadonlyMap<number, ProtoField>>> {
  const [api, machinery] = await Promise.all([goModule('k8s.io/api'), goModule('k8s.io/apimachinery')])
  const files = [
    ...['core', 'apps', 'batch'].map(group => join(api, group, 'v1/generated.proto')),
    join(machinery, 'pkg/apis/meta/v1/generated.proto'),
    join(machinery, 'pkg/util/intstr/generated.proto'),
    join(machinery, 'pkg/api/resource/generated.proto'),
  ]
  const texts = await Promise.all(files.map(file => readFile(file, 'utf8')))
  const messages = texts.flatMap(text => [...text.replaceAll(/\/\/.*/g, '').matchAll(/^message (\w+) \{([^}]*)\}/gm)])
  return new Map(messages.map(([, name = '', body = '']) => [name, protoFields(body)]))
}

function protoFields(body: string): ReadonlyMap<number, ProtoField> {
  const lines = body.matchAll(/(optional|repeated|map<[^>]+>) (?:([\w.]+) )?(\w+) = (\d+)/g)
  return new Map(
    [...lines].map(([, label = '', type, name = '', number]) => [
      Number(number),
      { name, type: type?.split('.').at(-1) ?? 'map', repeats: label !== 'optional' },
    ]),
  )
}
