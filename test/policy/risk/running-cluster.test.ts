import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Cluster, startCluster } from '../../../local/cluster/cluster.ts'
import { Supervisor } from '../../../local/process/supervisor.ts'
import { ensureToolchain } from '../../../local/toolchain/toolchain.ts'
import { NO_TERMS } from '../../../src/lease/scope/terms.ts'
import { knownResource } from '../../../src/policy/known-resources.ts'
import { RISKS, risksOf } from '../../../src/policy/risk/risks.ts'
import { aPolicy } from '../a-policy.ts'
import { aRequest } from '../a-request.ts'

const BUILDING_MS = 600_000
const METHODS = { create: 'POST', update: 'PUT', patch: 'PATCH', delete: 'DELETE', deletecollection: 'DELETE' } as const

interface Resource {
  readonly group: string
  readonly version: string
  readonly name: string
  readonly namespaced: boolean
  readonly verbs: readonly string[]
}

const supervisor = new Supervisor()
let directory: string
let cluster: Cluster
let resources: readonly Resource[]

async function raw(path: string): Promise<{ readonly code: number; readonly text: string }> {
  const { code, stdout, stderr } = await cluster.admin(['get', '--raw', path])
  return { code, text: stdout || stderr }
}

async function discovered(): Promise<readonly Resource[]> {
  const groups = JSON.parse((await raw('/apis')).text).groups as readonly {
    versions: readonly { groupVersion: string }[]
  }[]
  const versions = ['v1', ...groups.flatMap(group => group.versions.map(({ groupVersion }) => groupVersion))]
  const lists = await Promise.all(
    versions.map(async each => {
      const { text } = await raw(each === 'v1' ? '/api/v1' : `/apis/${each}`)
      const [version = '', group = ''] = each.split('/').toReversed()
      return (JSON.parse(text).resources as Omit<Resource, 'group' | 'version'>[]).map(one => ({
        ...one,
        group,
        version,
      }))
    }),
  )
  return lists.flat()
}

function pathOf({ group, version, name, namespaced }: Resource, verb: string): string {
  const [resource, subresource] = name.split('/')
  const base = `${group === '' ? '/api' : `/apis/${group}`}/${version}${namespaced ? '/namespaces/x' : ''}/${resource}`
  const whole = subresource === undefined && (verb === 'create' || verb === 'deletecollection')
  return whole ? base : `${base}/o${subresource === undefined ? '' : `/${subresource}`}`
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'lg-'))
  cluster = await startCluster({ toolchain: await ensureToolchain(() => undefined), directory, supervisor })
  resources = await discovered()
}, BUILDING_MS)

afterAll(async () => {
  await supervisor.stop()
  await rm(directory, { recursive: true, force: true })
})

describe('risksOf', () => {
  test('has something to say of every write that the API server serves', () => {
    const policy = aPolicy()
    // Streams come with an upgrade, and are looked at elsewhere.
    const plain = resources.filter(({ name }) => !/^pods\/(exec|attach|portforward)$/.test(name))
    const silent = plain.flatMap(resource =>
      resource.verbs
        .filter((verb): verb is keyof typeof METHODS => verb in METHODS)
        .filter(
          verb =>
            risksOf({ request: aRequest(`${METHODS[verb]} ${pathOf(resource, verb)}`), policy, terms: NO_TERMS })
              .length === 0,
        )
        .map(verb => `${verb} ${resource.name}.${resource.group}`),
    )
    // Everybody may ask what they may do themselves.
    expect(silent.filter(one => !/^create self/.test(one))).toEqual([])
    expect(resources.length).toBeGreaterThan(100)
  })

  test('names no kind of Kubernetes that the API server does not have', () => {
    const own = (group: string) => group === '' || !group.includes('.') || resources.some(one => one.group === group)
    const served = new Set(resources.map(({ group, name }) => `${name}.${group}`))
    const kinds = RISKS.filter(
      ({ id }) => id === 'network-ranges-write' || id === 'flowcontrol-write' || id === 'priority-write',
    )
    const missing = kinds.flatMap(({ apiGroups, resources: names }) =>
      apiGroups.filter(own).flatMap(group => names.map(name => `${name}.${group}`).filter(one => !served.has(one))),
    )
    expect(missing).toEqual([])
  })
})

describe('knownResource', () => {
  test('knows every kind of the API server, and whether it is in namespaces', () => {
    const wrong = resources
      .filter(({ name, group }) => !name.includes('/') && !group.includes('metrics'))
      .filter(({ name, namespaced, verbs }) => verbs.includes('list') && knownResource(name)?.namespaced !== namespaced)
    expect(wrong.map(({ name, group }) => `${name}.${group}`)).toEqual([])
  })
})

describe('a selector that leaves a namespace out', () => {
  test('is kept by the API server, or refused, for every kind in a namespace', async () => {
    await cluster.admin(['create', 'namespace', 'hidden'])
    await cluster.admin(['create', 'configmap', 'there', '-n', 'hidden'])
    const kinds = resources.filter(
      ({ name, namespaced, verbs }) => namespaced && !name.includes('/') && verbs.includes('list'),
    )
    const answers = await Promise.all(
      kinds.map(async ({ group, version, name }) => {
        const base = `${group === '' ? '/api' : `/apis/${group}`}/${version}/${name}`
        const { code, text } = await raw(`${base}?fieldSelector=metadata.namespace!%3Dhidden`)
        return { name, kept: code === 0 && !text.includes('"namespace":"hidden"') }
      }),
    )
    expect(answers.filter(({ kept }) => !kept)).toEqual([])
    expect((await raw('/api/v1/configmaps')).text).toContain('"namespace":"hidden"')
  })

  test('is kept for custom kinds too', async () => {
    const file = join(directory, 'crd.json')
    const names = { plural: 'widgets', singular: 'widget', kind: 'Widget' }
    const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } }
    const crd = {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'widgets.example.org' },
      spec: {
        group: 'example.org',
        scope: 'Namespaced',
        names,
        versions: [{ name: 'v1', served: true, storage: true, schema }],
      },
    }
    await writeFile(file, JSON.stringify(crd))
    await cluster.admin(['apply', '-f', file])
    await cluster.admin(['wait', '--for=condition=established', 'crd/widgets.example.org', '--timeout=60s'])
    for (const namespace of ['hidden', 'default']) {
      const object = { apiVersion: 'example.org/v1', kind: 'Widget', metadata: { name: 'w', namespace } }
      await writeFile(file, JSON.stringify(object))
      expect((await cluster.admin(['apply', '-f', file])).code).toBe(0)
    }
    const listed = await raw('/apis/example.org/v1/widgets?fieldSelector=metadata.namespace!%3Dhidden')
    expect(
      JSON.parse(listed.text).items.map((item: { metadata: { namespace: string } }) => item.metadata.namespace),
    ).toEqual(['default'])
  })
})
