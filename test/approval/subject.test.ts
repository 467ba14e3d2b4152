import { describe, expect, test } from 'vitest'
import { subjectOf } from '../../src/approval/subject.ts'
import { read, WEBSOCKET } from '../request/a-http-request.ts'

const NOTHING = new Uint8Array()

describe('subjectOf', () => {
  const secret = subjectOf(read('GET /api/v1/namespaces/dev/secrets/db'), NOTHING)

  test.each(['?x=1', '?pretty=true', '?resourceVersion=0&x=2'])('is the same for %s', query => {
    expect(subjectOf(read(`GET /api/v1/namespaces/dev/secrets/db${query}`), NOTHING)).toBe(secret)
  })

  test.each([
    'GET /api/v1/namespaces/dev/secrets/other',
    'GET /api/v1/namespaces/prod/secrets/db',
    'GET /api/v1/namespaces/dev/configmaps/db',
    'GET /api/v1/namespaces/dev/secrets',
    'DELETE /api/v1/namespaces/dev/secrets/db',
  ])('is another for %s', request => {
    expect(subjectOf(read(request), NOTHING)).not.toBe(secret)
  })

  test('is another for another body', () => {
    const patch = read('PATCH /api/v1/namespaces/dev/secrets/db', {
      headers: [['content-type', 'application/merge-patch+json']],
      route: 'write',
    })
    expect(subjectOf(patch, Buffer.from('{"a":1}'))).not.toBe(subjectOf(patch, Buffer.from('{"a":2}')))
  })

  test('is the same for one object that is got, listed or watched', () => {
    const listed = read('GET /api/v1/namespaces/dev/secrets?fieldSelector=metadata.name%3Ddb')
    expect(subjectOf(listed, NOTHING)).toBe(secret)
  })

  test('is the same for steps that do the same, whatever stands beside them', () => {
    const [said = '', ...others] = [
      [{ op: 'remove', path: '/data' }],
      [{ op: 'remove', path: '/data', value: 1, from: '/a' }],
      [
        { op: 'test', path: '/kind', value: 'ConfigMap' },
        { op: 'remove', path: '/data' },
      ],
    ].map(steps => {
      const body = Buffer.from(JSON.stringify(steps))
      const headers = [['content-type', 'application/json-patch+json']] as const
      return subjectOf(read('PATCH /api/v1/namespaces/dev/configmaps/c', { headers, body, route: 'write' }), body)
    })
    expect(others).toEqual([said, said])
  })

  const WEB = 'PATCH /apis/apps/v1/namespaces/dev/deployments/web'
  const patch = (said: unknown, type = 'strategic-merge-patch+json', line = WEB) => {
    const body = Buffer.from(JSON.stringify(said))
    const headers = [['content-type', `application/${type}`]] as const
    return subjectOf(read(line, { headers, body, route: 'write' }), body)
  }
  const steps = (...said: readonly object[]) => patch(said, 'json-patch+json')
  const image = { spec: { template: { spec: { containers: [{ name: 'web', image: 'evil' }] } } } }
  const IMAGE = '/spec/template/spec/containers/0/image'

  test('is the same with a label or a note more', () => {
    expect(patch({ ...image, metadata: { labels: { n: '1' } } })).toBe(patch(image))
    expect(patch({ ...image, metadata: { name: 'web', annotations: { n: '2' } } })).toBe(patch(image))
    const replace = { op: 'replace', path: IMAGE, value: 'evil' }
    expect(steps({ op: 'add', path: '/metadata/labels/n', value: '1' }, replace)).toBe(steps(replace))
    expect(steps({ ...replace, op: 'add' })).toBe(steps(replace))
  })

  test('is another for other labels, where there is nothing beside', () => {
    expect(patch({ metadata: { labels: { n: '1' } } })).not.toBe(patch({ metadata: { labels: { n: '2' } } }))
    const label = { op: 'add', path: '/metadata/labels/n', value: '1' }
    expect(steps(label)).not.toBe(steps({ ...label, value: '2' }))
    expect(steps(label)).not.toBe(steps({ op: 'replace', path: IMAGE, value: 'evil' }))
  })

  test('is that of a read for a patch that changes nothing: it is answered with the object', () => {
    const line = 'PATCH /api/v1/namespaces/dev/secrets/db'
    for (const nothing of [{}, { metadata: {} }, { kind: 'Secret', apiVersion: 'v1', metadata: { name: 'db' } }]) {
      expect(patch(nothing, 'merge-patch+json', line)).toBe(secret)
    }
    expect(patch([{ op: 'test', path: '/kind', value: 'Secret' }], 'json-patch+json', line)).toBe(secret)
    expect(patch({ data: { a: 'b' } }, 'merge-patch+json', line)).not.toBe(secret)
    expect(patch({ data: null }, 'merge-patch+json', line)).not.toBe(secret)
  })

  test('is another for an object of another name, and for one that says otherwise in an annotation', () => {
    const line = 'POST /api/v1/namespaces/dev/services'
    const service = (metadata: object) =>
      patch({ kind: 'Service', metadata, spec: { type: 'LoadBalancer' } }, 'json', line)
    const said = service({ name: 'web' })
    expect(service({ name: 'web', labels: { n: '1' } })).toBe(said)
    expect(service({ name: 'other' })).not.toBe(said)
    expect(service({ generateName: 'web-' })).not.toBe(said)
    expect(service({ name: 'web', annotations: { 'example.com/load-balancer': 'internal' } })).not.toBe(said)
  })

  test('is no read for a patch that names something else further down', () => {
    const line = 'PATCH /apis/cert-manager.io/v1/namespaces/dev/certificates/web'
    const issuer = (name: string) => patch({ spec: { issuerRef: { kind: 'Issuer', name } } }, 'merge-patch+json', line)
    expect(issuer('a')).not.toBe(issuer('b'))
    expect(issuer('a')).not.toBe(patch({}, 'merge-patch+json', line))
  })

  test('is the same for a script, whichever shell runs it, and wherever that lies', () => {
    const exec = (...command: readonly string[]) => {
      const query = command.map(word => `command=${encodeURIComponent(word)}`).join('&')
      return subjectOf(read(`GET /api/v1/namespaces/dev/pods/p/exec?${query}`, { headers: WEBSOCKET }), NOTHING)
    }
    const said = exec('sh', '-c', 'rm -rf /data')
    for (const shell of ['/bin/sh', 'bash', '/usr/bin/dash']) {
      expect(exec(shell, '-c', 'rm  -rf /data ')).toBe(said)
    }
    expect(exec('/bin/ls', '/data')).toBe(exec('ls', '/data'))
    expect(exec('sh', '-c', 'ls /data')).not.toBe(said)
    expect(exec('ls', '/')).not.toBe(exec('ls', '/data'))
  })
})
