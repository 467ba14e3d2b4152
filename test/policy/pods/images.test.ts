import { describe, expect, test } from 'vitest'
import { judge } from '../../../src/policy/judge/judge.ts'
import { unfitImage } from '../../../src/policy/pods/images.ts'
import { aPolicy, aTemplate, leaseOf } from '../a-policy.ts'
import { aRequest } from '../a-request.ts'

const WEB = 'PATCH /apis/apps/v1/namespaces/x/deployments/web'
const STRATEGIC = 'application/strategic-merge-patch+json'
const STEPS = 'application/json-patch+json'
const JSON_TYPE = 'application/json'
const APPLY = 'application/apply-patch+yaml'
const ALLOWED = [['registry.corp/*', 'docker.io/library/nginx:1']]

const good = { name: 'c', image: 'registry.corp/web:2' }
const bad = { name: 'c', image: 'evil.example/x' }
const template = (spec: object) => ({ spec: { template: { spec } } })

function unfit(line: string, contentType: string, body: unknown, allowed = ALLOWED) {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return unfitImage(aRequest(line, { contentType, body: text }), allowed)
}

const bodies = (container: object) => [
  {
    name: 'a pod',
    line: 'POST /api/v1/namespaces/x/pods',
    type: JSON_TYPE,
    body: { spec: { containers: [good, container] } },
  },
  { name: 'a container before', line: WEB, type: STRATEGIC, body: template({ initContainers: [container] }) },
  {
    name: 'a container beside one that runs',
    line: 'PATCH /api/v1/namespaces/x/pods/p/ephemeralcontainers',
    type: STRATEGIC,
    body: { spec: { ephemeralContainers: [container] } },
  },
  { name: 'a PUT', line: WEB.replace('PATCH', 'PUT'), type: JSON_TYPE, body: template({ containers: [container] }) },
  {
    name: 'an apply',
    line: `${WEB}?fieldManager=a`,
    type: APPLY,
    body: JSON.stringify(template({ containers: [container] })),
  },
  {
    name: 'a CronJob',
    line: 'POST /apis/batch/v1/namespaces/x/cronjobs',
    type: JSON_TYPE,
    body: { spec: { jobTemplate: template({ containers: [container] }) } },
  },
  {
    name: 'a step into a container',
    line: WEB,
    type: STEPS,
    body: [{ op: 'replace', path: '/spec/template/spec/containers/0/image', value: Reflect.get(container, 'image') }],
  },
  {
    name: 'a step to a container',
    line: WEB,
    type: STEPS,
    body: [{ op: 'add', path: '/spec/template/spec/containers/-', value: container }],
  },
  {
    name: 'a step around',
    line: WEB,
    type: STEPS,
    body: [{ op: 'replace', path: '/spec', value: template({ containers: [container] }).spec }],
  },
  {
    name: 'a kind of others',
    line: 'POST /apis/example.com/v1/namespaces/x/rollouts',
    type: JSON_TYPE,
    body: template({ containers: [container] }),
  },
  {
    name: 'a kind of others that calls it otherwise',
    line: 'POST /apis/example.com/v1/namespaces/x/databases',
    type: JSON_TYPE,
    body: { spec: { imageName: Reflect.get(container, 'image') } },
  },
]

describe('unfitImage', () => {
  test.each(bodies(good))('has nothing against $name', ({ line, type, body }) => {
    expect(unfit(line, type, body)).toBeNull()
  })

  test.each(bodies(bad))('tells of $name with another image', ({ line, type, body }) => {
    expect(unfit(line, type, body)).toBe('an image that is none of these')
    expect(unfit(line, type, body, [])).toBeNull()
  })

  test.each([
    'registry.corp',
    'registry.corp.evil.example/x',
    'xregistry.corp/x',
    'REGISTRY.corp/x',
    'docker.io/library/nginx:1.2',
    'nginx:1',
  ])('takes %s for no other than it is', image => {
    expect(unfit(WEB, STRATEGIC, template({ containers: [{ name: 'c', image }] }))).not.toBeNull()
  })

  test.each([
    {
      name: 'a copy from elsewhere',
      type: STEPS,
      body: [{ op: 'copy', from: '/metadata/annotations/a', path: '/spec/template/spec/containers/0/image' }],
    },
    { name: 'half of an object', type: STRATEGIC, body: '{"spec":' },
    { name: 'CBOR', type: 'application/apply-patch+cbor', body: 'x' },
  ])('believes nothing of $name', ({ type, body }) => {
    expect(unfit(WEB, type, body)).toMatch(/cannot be told/)
  })

  test.each([
    { name: 'an image that is no text', spec: { containers: [{ name: 'c', image: { a: 'registry.corp/x' } }] } },
    { name: 'a volume that is an image', spec: { volumes: [{ name: 'v', image: { reference: 'evil.example/x' } }] } },
  ])('tells of $name', ({ spec }) => {
    expect(unfit(WEB, STRATEGIC, template(spec))).not.toBeNull()
  })

  test('a kind of others that says it in parts, or has a pod in a text, cannot be told', () => {
    const rollouts = 'POST /apis/example.com/v1/namespaces/x/rollouts'
    for (const spec of [{ image: { repository: 'registry.corp/x', tag: '1' } }, { podTemplateSpec: 'spec: {}' }])
      expect(unfit(rollouts, JSON_TYPE, { spec })).not.toBeNull()
  })

  test.each([
    { name: 'a restart', line: WEB, body: { spec: { template: { metadata: { annotations: { image: 'x' } } } } } },
    { name: 'a scale', line: `${WEB}/scale`, body: { spec: { replicas: 2 } } },
    { name: 'what makes no pods', line: 'PATCH /api/v1/namespaces/x/configmaps/a', body: { data: { image: 'x' } } },
  ])('has nothing against $name', ({ line, body }) => {
    expect(unfit(line, 'application/merge-patch+json', body)).toBeNull()
  })
})

describe('images of a template', () => {
  const sent = (image: string) =>
    aRequest(WEB, { contentType: STRATEGIC, body: JSON.stringify(template({ containers: [{ name: 'c', image }] })) })
  const judged = (image: string, then: readonly string[] | null, today: readonly string[] | null) => {
    const of = (images: readonly string[] | null) => aTemplate(images === null ? {} : { images: [images] })
    return judge({ request: sent(image), lease: leaseOf(of(then)), policy: aPolicy({ templates: [of(today)] }) })
  }

  test('bind as they were when the lease was issued and as they are today, both', () => {
    const kinds = (image: string) => [
      judged(image, ['a/*'], ['a/*']).kind,
      judged(image, ['a/*'], null).kind,
      judged(image, null, ['a/*']).kind,
      judged(image, ['a/*'], ['a/b/*']).kind,
    ]
    expect(kinds('a/b/x')).toEqual(['allow', 'allow', 'allow', 'allow'])
    expect(kinds('a/x')).toEqual(['allow', 'allow', 'allow', 'deny'])
    expect(kinds('x')).toEqual(['deny', 'deny', 'deny', 'deny'])
  })

  test('say which there are, and nothing of what was sent', () => {
    expect(judged('evil.example/x', ['a/*', 'b:1'], null)).toMatchObject({
      reason: 'out-of-scope',
      detail:
        'the lease does not grant patch on deployments.apps in namespace "x" with an image that is none of these: a/* or b:1',
    })
  })
})
