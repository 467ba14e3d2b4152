import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { BUILT_IN_GROUPS, bringsPods } from '../../../src/policy/pods/pod-kinds.ts'
import { goModule } from '../../support/programs/go-module.ts'

interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  readonly components?: { readonly schemas: Readonly<Record<string, unknown>> }
}

/** Of what a controller makes pods: a spec of them, a template, or whatever it once had. */
const LEADS_TO_PODS = /\.(?:PodSpec|PodTemplateSpec|EphemeralContainer|RawExtension)$/
/** Opaque settings of drivers for devices, which make no pods. */
const DEVICES = /^resource\.k8s\.io\//

const specifications = await openApi()

describe('bringsPods', () => {
  test('knows every kind of the API server that leads to pods', () => {
    const leading = specifications.flatMap(writable).filter(({ leads }) => leads)
    const resources = new Set(leading.map(({ group, resource }) => `${group}/${resource}`))
    const known = [...resources].filter(each => {
      const [apiGroup = '', resource = '', subresource = ''] = each.split('/')
      return bringsPods({ isResourceRequest: true, verb: 'patch', apiGroup, resource, subresource }) === 'yes'
    })
    expect(known.length).toBeGreaterThan(10)
    expect([...resources].filter(each => !known.includes(each) && !isElsewhere(each))).toEqual([])
  })

  test('knows every group that the API server serves', () => {
    const groups = new Set(specifications.flatMap(writable).map(({ group }) => group))
    expect([...groups].filter(group => !BUILT_IN_GROUPS.has(group))).toEqual([])
  })

  test.each([
    { verb: 'create', apiGroup: 'argoproj.io', resource: 'rollouts', subresource: '', want: 'perhaps' },
    { verb: 'patch', apiGroup: 'argoproj.io', resource: 'rollouts', subresource: 'status', want: 'no' },
    { verb: 'get', apiGroup: 'apps', resource: 'deployments', subresource: '', want: 'no' },
    { verb: 'delete', apiGroup: '', resource: 'pods', subresource: '', want: 'no' },
    { verb: 'create', apiGroup: '', resource: 'pods', subresource: 'eviction', want: 'no' },
    { verb: 'update', apiGroup: '', resource: 'pods', subresource: 'ephemeralcontainers', want: 'yes' },
    { verb: 'create', apiGroup: '', resource: 'constructor', subresource: '', want: 'no' },
  ])('$verb $apiGroup $resource $subresource: $want', ({ want, ...info }) => {
    expect(bringsPods({ isResourceRequest: true, ...info })).toBe(want)
  })
})

/** Parts of a pod of which the API server keeps nothing but the state, or the size of its containers. */
function isElsewhere(resource: string): boolean {
  return DEVICES.test(resource) || resource.endsWith('/status') || resource === '/pods/resize'
}

interface Writable {
  readonly group: string
  /** With its subresource. */
  readonly resource: string
  readonly leads: boolean
}

function writable({ paths, components }: OpenApi): readonly Writable[] {
  const found: Writable[] = []
  for (const [path, operations] of Object.entries(paths)) {
    const [, group, resource] = /^\/apis?\/(?:([^/]+)\/)?v\d\w*\/(?:namespaces\/\{namespace\}\/)?(.+)$/.exec(path) ?? []
    if (resource === undefined) continue
    const bodies = ['post', 'put'].map(method => requestBody(operations[method])).filter(body => body !== undefined)
    if (bodies.length === 0) continue
    const leads = bodies.some(body => leadsToPods(body, components?.schemas ?? {}, new Set()))
    found.push({ group: group ?? '', resource: resource.replaceAll(/\/\{[^}]+\}/g, ''), leads })
  }
  return found
}

function requestBody(operation: unknown): unknown {
  return typeof operation === 'object' && operation !== null ? Reflect.get(operation, 'requestBody') : undefined
}

function leadsToPods(node: unknown, schemas: Readonly<Record<string, unknown>>, seen: Set<string>): boolean {
  if (typeof node !== 'object' || node === null) return false
  return Object.entries(node).some(([name, value]: [string, unknown]) => {
    if (name !== '$ref' || typeof value !== 'string') return leadsToPods(value, schemas, seen)
    if (LEADS_TO_PODS.test(value)) return true
    const schema = value.split('/').at(-1) ?? ''
    if (seen.has(schema)) return false
    seen.add(schema)
    return leadsToPods(schemas[schema], schemas, seen)
  })
}

async function openApi(): Promise<readonly OpenApi[]> {
  const folder = join(await goModule('k8s.io/kubernetes'), 'api/openapi-spec/v3')
  const files = (await readdir(folder)).filter(file => /v\d\w*_openapi\.json$/.test(file))
  return Promise.all(files.map(async file => JSON.parse(await readFile(join(folder, file), 'utf8')) as OpenApi))
}
