import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Beyond, beyondFields } from '../../../src/request/fields/beyond-fields.ts'
import { toFields } from '../../../src/request/fields/field.ts'
import { aRequest } from '../../policy/a-request.ts'

const WEB = 'PATCH /apis/apps/v1/namespaces/x/deployments/web'
const MERGE = 'application/merge-patch+json'
const STRATEGIC = 'application/strategic-merge-patch+json'
const STEPS = 'application/json-patch+json'

const RESTARTED = 'spec.template.metadata.annotations["kubectl.kubernetes.io/restartedAt"]'
const POINTER = '/spec/template/metadata/annotations/kubectl.kubernetes.io~1restartedAt'
const FIELDS = toFields([RESTARTED, 'spec.replicas', 'metadata.labels'])

function beyond(contentType: string, patch: unknown, line = WEB, fields = FIELDS): Beyond | null {
  const body = typeof patch === 'string' ? patch : JSON.stringify(patch)
  return beyondFields(aRequest(line, { contentType, body }), fields)
}

const restart = (more: object = {}) => ({
  spec: { template: { metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': 'now', ...more } } } },
})

describe('beyondFields', () => {
  test.each([
    { name: 'the field', type: STRATEGIC, patch: restart() },
    { name: 'the field, merged', type: MERGE, patch: restart() },
    { name: 'the field, taken away', type: MERGE, patch: { spec: { replicas: null } } },
    { name: 'several fields', type: MERGE, patch: { ...restart(), metadata: { labels: { a: 'b' } } } },
    { name: 'what is below a field', type: MERGE, patch: { metadata: { labels: { a: { b: [1] } } } } },
    {
      name: 'directives below a field',
      type: STRATEGIC,
      patch: { metadata: { labels: { $patch: 'replace', a: 'b' } } },
    },
    {
      name: 'a field of a certain version of the object',
      type: MERGE,
      patch: { metadata: { name: 'web', resourceVersion: '7', uid: 'u', labels: { a: 'b' } } },
    },
    { name: 'a step', type: STEPS, patch: [{ op: 'add', path: POINTER, value: 'now' }] },
    { name: 'a step below', type: STEPS, patch: [{ op: 'remove', path: '/metadata/labels/a~1b' }] },
    {
      name: 'steps behind tests',
      type: STEPS,
      patch: [
        { op: 'test', path: '/metadata/resourceVersion', value: '7' },
        { op: 'test', path: '/spec/replicas', value: 1 },
        { op: 'replace', path: '/spec/replicas', value: 2 },
      ],
    },
  ])('lets through $name', ({ type, patch }) => {
    expect(beyond(type, patch)).toBeNull()
  })

  test.each([
    { name: 'another field', type: MERGE, patch: { ...restart(), spec: { paused: true } }, field: 'spec.paused' },
    { name: 'a neighbour', type: STRATEGIC, patch: restart({ other: 'x' }), last: 'other' },
    { name: 'another case', type: MERGE, patch: { Spec: { replicas: 1 } }, field: 'Spec.replicas' },
    { name: 'a longer name', type: MERGE, patch: { spec: { replicasX: 1 } }, field: 'spec.replicasX' },
    { name: 'a name with dots', type: MERGE, patch: { 'spec.replicas': 1 }, field: 'spec.replicas' },
    { name: 'what is around', type: MERGE, patch: { spec: null }, field: 'spec' },
    { name: 'a list in place of what is around', type: MERGE, patch: { spec: [] }, field: 'spec' },
    { name: 'an empty object around', type: MERGE, patch: { spec: {} }, field: 'spec' },
    { name: 'the kind', type: MERGE, patch: { kind: 'Pod', ...restart() }, field: 'kind' },
    { name: 'a directive around', type: STRATEGIC, patch: { spec: { $patch: 'replace', replicas: 1 } }, field: 'spec' },
    { name: 'a directive at the top', type: STRATEGIC, patch: { $patch: 'delete', ...restart() }, field: '' },
    {
      name: 'retained keys',
      type: STRATEGIC,
      patch: { spec: { $retainKeys: ['replicas'], replicas: 1 } },
      field: 'spec',
    },
    {
      name: 'an order of elements',
      type: STRATEGIC,
      patch: { metadata: { '$setElementOrder/finalizers': [] }, ...restart() },
      field: 'metadata',
    },
    {
      name: 'elements taken out',
      type: STRATEGIC,
      patch: { metadata: { '$deleteFromPrimitiveList/finalizers': ['x'], labels: { a: 'b' } } },
      field: 'metadata',
    },
    {
      name: 'a name that is no text',
      type: MERGE,
      patch: { metadata: { name: ['web'], labels: {} } },
      field: 'metadata.name',
    },
    { name: 'a step around', type: STEPS, patch: [{ op: 'replace', path: '/spec', value: {} }], field: 'spec' },
    { name: 'a step on everything', type: STEPS, patch: [{ op: 'replace', path: '', value: {} }], field: '' },
    {
      name: 'a test of what it may not change',
      type: STEPS,
      patch: [{ op: 'test', path: '/spec/paused', value: 1 }],
      field: 'spec.paused',
    },
    { name: 'a copy', type: STEPS, patch: [{ op: 'copy', from: '/spec/paused', path: '/spec/replicas' }], field: '' },
    {
      name: 'a move',
      type: STEPS,
      patch: [{ op: 'move', from: '/spec/replicas', path: '/metadata/labels/a' }],
      field: '',
    },
    {
      name: 'a pointer with text before it',
      type: STEPS,
      patch: [{ op: 'add', path: 'spec/replicas', value: 1 }],
      field: 'replicas',
    },
  ])('names the first field beyond: $name', ({ type, patch, field, last }) => {
    const found = beyond(type, patch)
    expect(found?.kind).toBe('field')
    const path = found?.kind === 'field' ? found.field : []
    expect(last === undefined ? path.join('.') : path.at(-1)).toBe(last ?? field)
  })

  test.each([
    { name: 'nothing at all', type: MERGE, patch: {} },
    { name: 'no steps', type: STEPS, patch: [] },
    { name: 'tests alone', type: STEPS, patch: [{ op: 'test', path: '/spec/replicas', value: 1 }] },
    { name: 'its own name', type: MERGE, patch: { metadata: { name: 'web', resourceVersion: '1' } } },
  ])('refuses a patch that changes nothing, for it is answered with the object: $name', ({ type, patch }) => {
    const found = beyond(type, patch)
    expect(['no-change', 'field']).toContain(found?.kind)
  })

  test.each([
    { name: 'a member named twice', type: MERGE, patch: '{"spec":{"replicas":1},"spec":{"paused":true}}' },
    { name: 'a list', type: MERGE, patch: '[]' },
    { name: 'an object for steps', type: STEPS, patch: '{}' },
    { name: 'half of an object', type: STRATEGIC, patch: '{"spec":' },
    { name: 'no body', type: MERGE, patch: '' },
  ])('believes nothing of $name', ({ type, patch }) => {
    expect(beyond(type, patch)).toEqual({ kind: 'unreadable' })
  })

  test.each([
    { line: WEB.replace('PATCH', 'PUT'), type: 'application/json' },
    { line: 'POST /apis/apps/v1/namespaces/x/deployments', type: 'application/json' },
    { line: WEB, type: 'application/apply-patch+yaml' },
    { line: WEB, type: 'application/apply-patch+cbor' },
    { line: WEB, type: 'application/vnd.kubernetes.protobuf' },
    { line: WEB, type: 'application/json' },
    { line: WEB, type: '' },
  ])('$line as "$type" is no patch of fields', ({ line, type }) => {
    expect(beyond(type, { spec: { replicas: 1 } }, line)).toEqual({ kind: 'no-patch' })
  })

  /** The same change by RFC 7396 itself: whatever differs afterwards must lie in the fields. */
  test('what it lets through changes nothing else', () => {
    const names = fc.constantFrom('spec', 'replicas', 'metadata', 'labels', 'paused', 'a')
    const { tree } = fc.letrec<{ tree: unknown }>(tie => ({
      tree: fc.oneof(
        { depthSize: 'small' },
        fc.constantFrom(1, null, 'x'),
        fc.dictionary(names, tie('tree'), { maxKeys: 3 }),
      ),
    }))
    const objects = tree.filter(value => typeof value === 'object' && value !== null)
    const some = { requiredKeys: [] }
    const near = fc.record(
      {
        spec: fc.record({ replicas: tree, paused: tree }, some),
        metadata: fc.record({ labels: tree, name: tree }, some),
      },
      some,
    )
    let passed = 0
    fc.assert(
      fc.property(objects, fc.oneof(objects, near), (object, patch) => {
        if (beyond(MERGE, patch) !== null) return
        passed += 1
        const before = withMaps(object)
        expect(without(merged(before, patch))).toEqual(without(before))
      }),
      { numRuns: 3000 },
    )
    expect(passed).toBeGreaterThan(50)
  })
})

describe('beyondFields, with values', () => {
  const fields = toFields([
    'spec.replicas in 2..5',
    'spec.template.spec.containers[*].image = registry.corp/*',
    'spec.paused = true',
  ])
  const IMAGE = '/spec/template/spec/containers/0/image'
  const inPod = (spec: object) => ({ spec: { template: { spec } } })
  const containers = (...list: readonly object[]) => inPod({ containers: list })
  const good = { name: 'c', image: 'registry.corp/web:2' }
  const ordered = (list: readonly object[], order: readonly unknown[]) =>
    inPod({ '$setElementOrder/containers': order, containers: list })

  test.each([
    { name: 'a number within', type: MERGE, patch: { spec: { replicas: 5 } } },
    {
      name: 'a number at the other end, by a step',
      type: STEPS,
      patch: [{ op: 'replace', path: '/spec/replicas', value: 2 }],
    },
    { name: 'a truth', type: MERGE, patch: { spec: { paused: true } } },
    { name: 'an image by the name of its container', type: STRATEGIC, patch: containers(good) },
    { name: 'what kubectl set image sends', type: STRATEGIC, patch: ordered([good], [{ name: 'c' }, { name: 'd' }]) },
    { name: 'an image by its place', type: STEPS, patch: [{ op: 'replace', path: IMAGE, value: 'registry.corp/x' }] },
    {
      name: 'an image by its place, behind a test of its name',
      type: STEPS,
      patch: [
        { op: 'test', path: '/spec/template/spec/containers/0/name', value: 'c' },
        { op: 'add', path: IMAGE, value: 'registry.corp/x' },
      ],
    },
  ])('lets through $name', ({ type, patch }) => {
    expect(beyond(type, patch, WEB, fields)).toBeNull()
  })

  test.each([
    { name: 'a number beyond', type: MERGE, patch: { spec: { replicas: 6 } } },
    { name: 'a number below', type: MERGE, patch: { spec: { replicas: 1 } } },
    { name: 'a number of thousands', type: MERGE, patch: '{"spec":{"replicas":5e3}}' },
    { name: 'a number that is none', type: MERGE, patch: { spec: { replicas: '3' } } },
    { name: 'a number taken away, which the API server makes one', type: MERGE, patch: { spec: { replicas: null } } },
    { name: 'a number taken away by a step', type: STEPS, patch: [{ op: 'remove', path: '/spec/replicas' }] },
    { name: 'another truth', type: MERGE, patch: { spec: { paused: false } } },
    { name: 'an object in its place', type: MERGE, patch: { spec: { replicas: {} } } },
    {
      name: 'an image of another registry',
      type: STRATEGIC,
      patch: containers({ name: 'c', image: 'evil.example/x' }),
    },
    {
      name: 'an image that begins with the name of the registry',
      type: STRATEGIC,
      patch: containers({ ...good, image: 'registry.corp.evil.example/x' }),
    },
    { name: 'the second of two images', type: STRATEGIC, patch: containers(good, { name: 'd', image: 'x' }) },
    { name: 'an image by its place', type: STEPS, patch: [{ op: 'replace', path: IMAGE, value: 'x' }] },
    { name: 'an image that is taken away', type: STRATEGIC, patch: containers({ name: 'c', image: null }) },
  ])('keeps from $name', ({ type, patch }) => {
    expect(beyond(type, patch, WEB, fields)?.kind).toBe('value')
  })

  test.each([
    { name: 'a command beside', type: STRATEGIC, patch: containers({ ...good, command: ['sh'] }) },
    {
      name: 'variables beside',
      type: STRATEGIC,
      patch: containers({ ...good, env: [{ name: 'LD_PRELOAD', value: '/x' }] }),
    },
    {
      name: 'a security context beside',
      type: STRATEGIC,
      patch: containers({ ...good, securityContext: { privileged: true } }),
    },
    { name: 'the list, merged: it is replaced', type: MERGE, patch: containers(good) },
    { name: 'a list of other containers', type: STRATEGIC, patch: inPod({ initContainers: [good] }) },
    {
      name: 'an order of other containers',
      type: STRATEGIC,
      patch: inPod({ '$setElementOrder/initContainers': [{ name: 'c' }], containers: [good] }),
    },
    { name: 'an order that says more', type: STRATEGIC, patch: ordered([good], [{ name: 'c', command: ['sh'] }]) },
    { name: 'a container without a name', type: STRATEGIC, patch: containers({ image: good.image }) },
    { name: 'a directive in a list', type: STRATEGIC, patch: containers(good, { $patch: 'replace' }) },
    { name: 'a directive in a container', type: STRATEGIC, patch: containers({ ...good, $patch: 'replace' }) },
    { name: 'a container that is deleted', type: STRATEGIC, patch: containers({ name: 'c', $patch: 'delete' }) },
    { name: 'an object for the list', type: STRATEGIC, patch: inPod({ containers: { 0: good } }) },
    {
      name: 'a container by its place',
      type: STEPS,
      patch: [{ op: 'replace', path: '/spec/template/spec/containers/0', value: good }],
    },
    {
      name: 'a container at the end',
      type: STEPS,
      patch: [{ op: 'add', path: '/spec/template/spec/containers/-', value: good }],
    },
    {
      name: 'a place from the end',
      type: STEPS,
      patch: [{ op: 'replace', path: '/spec/template/spec/containers/-1/image', value: good.image }],
    },
    {
      name: 'another field by its place',
      type: STEPS,
      patch: [{ op: 'replace', path: '/spec/template/spec/containers/0/command', value: ['sh'] }],
    },
  ])('names the field: $name', ({ type, patch }) => {
    expect(beyond(type, patch, WEB, fields)?.kind).toBe('field')
  })

  test('of several entries for one field each is enough', () => {
    const either = toFields(['spec.replicas in 1..2', 'spec.replicas >= 10'])
    const kinds = [1, 3, 12].map(replicas => beyond(MERGE, { spec: { replicas } }, WEB, either)?.kind ?? null)
    expect(kinds).toEqual([null, 'value', null])
  })
})

/** Objects of Kubernetes have maps where their types say so. */
function withMaps(object: object): unknown {
  return merged(object, { spec: {}, metadata: {} })
}

function merged(target: unknown, patch: unknown): unknown {
  if (typeof patch !== 'object' || patch === null) return patch
  const result: Record<string, unknown> = typeof target === 'object' && target !== null ? { ...target } : {}
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete result[name]
    else result[name] = merged(result[name], value)
  }
  return result
}

function without(object: unknown): unknown {
  const copy = structuredClone(object) as { spec: Record<string, unknown>; metadata: Record<string, unknown> }
  delete copy.spec['replicas']
  delete copy.metadata['labels']
  // The API server refuses another one than the object has.
  delete copy.metadata['name']
  return copy
}
