import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DELETE_OPTIONS } from '../../src/request/options/delete-options.ts'
import { SPDY, WEBSOCKET } from '../request/a-http-request.ts'
import { asked, questionOf, type Sent, whyNot } from './asking.ts'

const SECRET = 'GET /api/v1/namespaces/shop/secrets/db'
const POD = '/api/v1/namespaces/shop/pods/web'
const JSON_BODY = 'application/json'
const PATCH = 'PATCH /apis/apps/v1/namespaces/shop/deployments/web'
const MERGE = 'application/merge-patch+json'
const STRATEGIC = 'application/strategic-merge-patch+json'

const digest = (line: string, sent?: Sent) => asked(line, sent).digest
const subject = (line: string, sent?: Sent) => asked(line, sent).subject

describe('the digest of a question', () => {
  test.each([
    { name: 'a trailing slash', line: `${SECRET}/` },
    { name: 'an escaped letter', line: 'GET /api/v1/namespaces/shop/secrets/d%62' },
    { name: 'a layout', line: `${SECRET}?pretty=true` },
    { name: 'how long the client waits', line: `${SECRET}?timeout=3s` },
  ])('is the same for $name', ({ line }) => {
    expect(digest(line)).toBe(digest(SECRET))
  })

  test('is the same for a watch and for a log, however they come', () => {
    for (const line of ['GET /api/v1/namespaces/shop/secrets?watch=1', `GET ${POD}/log?follow=1`]) {
      expect(digest(line, { headers: WEBSOCKET })).toBe(digest(line))
    }
  })

  test('is the same for every try of an informer, and another for another answer', () => {
    const watch = 'GET /api/v1/namespaces/shop/secrets?watch=true'
    for (const how of [
      'resourceVersion=484&timeoutSeconds=484&timeout=8m4s&allowWatchBookmarks=true',
      'resourceVersion=572&timeoutSeconds=572&timeout=9m32s&allowWatchBookmarks=true',
      'sendInitialEvents=true&resourceVersionMatch=NotOlderThan&resourceVersion=',
    ]) {
      expect(digest(`${watch}&${how}`)).toBe(digest(watch))
    }
    const list = 'GET /api/v1/namespaces/shop/secrets'
    expect(digest(`${list}?limit=500&resourceVersion=0`)).toBe(digest(list))
    expect(digest(list)).not.toBe(digest(watch))
    const others = ['labelSelector=a', 'fieldSelector=metadata.name%3Ddb', 'continue=x', 'includeObject=Object']
    const exact = 'resourceVersionMatch=Exact&resourceVersion='
    const digests = [...others, `${exact}5`, `${exact}6`, ''].map(query => digest(`${list}?${query}`))
    expect(new Set(digests).size).toBe(digests.length)
  })

  test('is the same where an option is said twice', () => {
    expect(digest(`${SECRET}?resourceVersion=5&resourceVersion=5`)).toBe(digest(`${SECRET}?resourceVersion=5`))
  })

  test('of a delete with a body is that of the body alone, at which the API server looks', () => {
    const remove = `DELETE ${SECRET.slice(4)}`
    const sent = (body: string) => ({ type: JSON_BODY, body })
    const foreground = sent('{"propagationPolicy":"Foreground"}')
    expect(digest(`${remove}?propagationPolicy=Foreground`, foreground)).toBe(digest(remove, foreground))
    expect(digest(`${remove}?gracePeriodSeconds=0`, sent('{}'))).toBe(digest(remove, sent('{}')))
    expect(digest(`${remove}?gracePeriodSeconds=0`)).not.toBe(digest(remove))
    const all = 'DELETE /api/v1/namespaces/shop/secrets'
    expect(digest(`${all}?labelSelector=a`, foreground)).not.toBe(digest(`${all}?labelSelector=b`, foreground))
  })

  test('is the same for parameters in another order, and for every spelling of true and of a number', () => {
    const list = 'GET /api/v1/namespaces/shop/secrets'
    expect(digest(`${list}?limit=5&labelSelector=a%3Db`)).toBe(digest(`${list}?labelSelector=a=b&limit=%2B05`))
    const log = `GET ${POD}/log`
    for (const yes of ['follow', 'follow=1', 'follow=yes', 'follow=x7']) {
      expect(digest(`${log}?${yes}`)).toBe(digest(`${log}?follow=true`))
    }
    expect(digest(`${log}?follow=0`)).not.toBe(digest(`${log}?follow=1`))
  })

  const SECRETS = 'GET /api/v1/namespaces/shop/secrets?limit=500'
  const token = (text: string) => Buffer.from(text).toString('base64url')
  const page = (version: number | string, start: string) =>
    token(`{"v":"meta.k8s.io/v1","rv":${version},"start":${JSON.stringify(start)}}`)

  test('is the same for every page of a list, and says so', () => {
    const first = asked(SECRETS)
    for (const one of [page(7, 'db\u0000'), page(7, 'web\u0000')]) {
      const next = asked(`${SECRETS}&continue=${one}`)
      expect({ digest: next.digest, question: next.question }).toEqual({
        digest: first.digest,
        question: first.question,
      })
    }
    expect(first.series).toEqual({ kind: 'pages', page: null })
    expect(asked(`${SECRETS}&continue=${page(7, 'db')}`).series).toEqual({
      kind: 'pages',
      page: { version: '7', start: Buffer.from('db').toString('hex') },
    })
    expect(JSON.parse(first.question).summary).toBe('list secrets in shop, with the pages that follow, 100 at most')
  })

  test.each([
    { name: 'of another length', line: SECRETS.replace('500', '5') },
    { name: 'of another length, and a later one', line: `${SECRETS.replace('500', '5')}&continue=${page(7, 'db')}` },
    { name: 'that is all of the list', line: SECRETS.replace('?limit=500', '') },
    { name: 'that is all of the rest', line: `${SECRETS.replace('limit=500', '')}&continue=${page(7, 'db')}` },
  ])('is the same for a page $name, and so is what an approver reads', ({ line }) => {
    const { digest: other, question } = asked(line)
    expect({ digest: other, question }).toEqual({ digest: asked(SECRETS).digest, question: asked(SECRETS).question })
  })

  test.each([
    { name: 'another selector', line: `${SECRETS}&labelSelector=a%3Db&continue=${page(7, 'db')}` },
    { name: 'what is there now', line: `${SECRETS}&continue=${page(-1, 'db')}` },
    { name: 'no version', line: `${SECRETS}&continue=${page(0, 'db')}` },
    {
      name: 'a member twice',
      line: `${SECRETS}&continue=${token('{"v":"meta.k8s.io/v1","rv":7,"start":"a","start":"b"}')}`,
    },
    {
      name: 'a member in other letters',
      line: `${SECRETS}&continue=${token('{"v":"meta.k8s.io/v1","rv":7,"Start":"a"}')}`,
    },
    { name: 'a space', line: `${SECRETS}&continue=${token('{"v":"meta.k8s.io/v1", "rv":7,"start":"a"}')}` },
    { name: 'no token', line: `${SECRETS}&continue=abc` },
  ])('is another one for a page of $name', ({ line }) => {
    expect(asked(line).digest).not.toBe(asked(SECRETS).digest)
  })

  test('of an eviction says that it may be tried again', () => {
    const question = asked(`POST ${POD}/eviction`, { body: '{}', type: JSON_BODY })
    expect(question.series).toEqual({ kind: 'tries' })
    expect(JSON.parse(question.question).summary).toContain('tried again while a disruption budget forbids it')
  })

  test('what the API server does not know is no question at all, and the refusal says what is known', () => {
    const remove = `DELETE ${SECRET.slice(4)}`
    expect(whyNot(`${remove}?x=1`)).toMatch(
      /the query parameter "x" has no meaning here; known are .*gracePeriodSeconds/,
    )
    expect(whyNot(`${remove}?command=ls`)).toContain('"command"')
    expect(whyNot(`${remove}?limit=5`)).toContain('"limit"')
    expect(whyNot(`GET ${POD}/portforward?ports=8080`, { headers: WEBSOCKET })).toContain('"ports"')
    expect(whyNot(`GET ${POD}/exec?command=ls&x=1`, { headers: WEBSOCKET })).toContain('"x"')
    expect(whyNot(`${remove}?%3Cx%3E=1`.replace('%3Cx%3E', '<x>'))).not.toContain('<')
  })

  test('of a read has what the API server does not know in it, as it stands, and a no is to all of them', () => {
    const [plain, with1, with2] = ['', '?_=1', '?_=2'].map(query => asked(`${SECRET}${query}`))
    expect(new Set([plain?.digest, with1?.digest, with2?.digest]).size).toBe(3)
    expect(asked(`${SECRET}?pretty=true&_=1`).digest).toBe(with1?.digest)
    expect(JSON.parse(with1?.question ?? '{}')).toMatchObject({ target: '/api/v1/namespaces/shop/secrets/db?_=1' })
    expect([with1?.subject, with2?.subject]).toEqual([plain?.subject, plain?.subject])
  })

  test('whatever is added to the query of what changes something, the question stays or there is none', () => {
    const remove = `DELETE ${SECRET.slice(4)}`
    const key = fc.stringMatching(/^[a-zA-Z_-]{1,12}$/)
    const value = fc.stringMatching(/^[a-zA-Z0-9.]{0,12}$/)
    fc.assert(
      fc.property(key, value, (name, given) => {
        fc.pre(!DELETE_OPTIONS.some(option => option === name))
        let found: string
        try {
          found = digest(`${remove}?${name}=${given}`)
        } catch {
          return true
        }
        return found === digest(remove)
      }),
    )
  })

  test.each([
    { name: 'method', line: SECRET.replace('GET', 'HEAD') },
    { name: 'name', line: `${SECRET}2` },
    { name: 'namespace', line: SECRET.replace('shop', 'other') },
    { name: 'version it is read at', line: `${SECRET}?resourceVersion=1` },
  ])('is another one for another $name', ({ line }) => {
    expect(digest(line)).not.toBe(digest(SECRET))
  })

  test('a dry run is not the real one, whether the query or the body says so', () => {
    const line = `DELETE ${SECRET.slice(4)}`
    const body = (text: string) => ({ body: text, type: JSON_BODY })
    const all = [
      digest(line),
      digest(`${line}?dryRun=All`),
      digest(line, body('{"dryRun":["All"]}')),
      digest(line, body('{}')),
    ]
    expect(new Set(all).size).toBe(all.length)
  })

  test('binds what the body says, whatever its layout and the order of its members', () => {
    const patch = (body: string) => digest(PATCH, { body, type: MERGE })
    expect(patch('{"spec":{"replicas":1,"paused":true}}')).toBe(patch('{ "spec": {"paused":true, "replicas":1} }\n'))
    expect(patch('{"spec":{"replicas":1}}')).not.toBe(patch('{"spec":{"replicas":2}}'))
    expect(patch('{"spec":{"x":[1,2]}}')).not.toBe(patch('{"spec":{"x":[2,1]}}'))
    expect(questionOf(PATCH, { body: '{ "b":1,"a":2 }', type: MERGE })).toEqual(
      questionOf(PATCH, { body: '{"a":2,"b":1}', type: MERGE }),
    )
  })

  test.each([
    { what: 'a number that JavaScript rounds', one: '{"a":9007199254740993}', other: '{ "a":9007199254740993}' },
    { what: 'a number with a point', one: '{"a":1.0}', other: '{"a":1.0 }' },
    { what: 'a nought with a sign', one: '{"a":-0}', other: '{"a":-0 }' },
    { what: 'names that differ in case alone', one: '{"a":1,"A":2}', other: '{"A":2,"a":1}' },
    {
      what: 'what a proxy hands on',
      one: '{"a":1}',
      other: '{"a":1 }',
      line: 'POST /api/v1/namespaces/shop/services/web/proxy/x',
    },
    { what: 'YAML', one: 'a: b', other: 'a:  b', type: 'application/apply-patch+yaml' },
  ])('binds every byte of $what', ({ one, other, line = PATCH, type = MERGE }) => {
    const sent = (body: string) => ({ body, type: line === PATCH ? type : JSON_BODY })
    expect(digest(line, sent(one))).not.toBe(digest(line, sent(other)))
    expect(digest(line, sent(one))).toBe(digest(line, sent(one)))
  })

  test('is the same for every rollout restart of one Deployment, and so is the subject of a no', () => {
    const restart = (at: string, more = {}) => {
      const annotations = { 'kubectl.kubernetes.io/restartedAt': at }
      return { body: JSON.stringify({ spec: { template: { metadata: { annotations } }, ...more } }), type: STRATEGIC }
    }
    const once = restart('2026-11-30T14:00:00Z')
    for (const at of ['2026-11-30T14:00:07+01:00', '2026-11-30T14:00:07.123456']) {
      expect(asked(PATCH, restart(at))).toMatchObject({ digest: digest(PATCH, once), subject: subject(PATCH, once) })
      expect(questionOf(PATCH, restart(at))).toEqual(questionOf(PATCH, once))
    }
    expect(questionOf(PATCH, once).bodyPreview).toContain('"kubectl.kubernetes.io/restartedAt":"(when it is sent)"')
    for (const other of [restart('today'), restart('2026-11-30T14:00:00Z', { replicas: 1 })]) {
      expect(digest(PATCH, other)).not.toBe(digest(PATCH, once))
    }
    const pods = 'PATCH /api/v1/namespaces/shop/pods/web'
    expect(digest(pods, once)).not.toBe(digest(pods, restart('2026-11-30T14:00:07Z')))
  })

  test('is the same for every copy that kubectl debug makes, and another where the name of its container means something', () => {
    const copy = (name: string, more = {}) => {
      const containers = [{ name, image: 'busybox' }]
      const body = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'copy', ...more }, spec: { containers } }
      return { body: JSON.stringify(body), type: JSON_BODY }
    }
    const pods = 'POST /api/v1/namespaces/shop/pods'
    const once = copy('debugger-x2b4z')
    expect(asked(pods, copy('debugger-bcdfg'))).toMatchObject({
      digest: digest(pods, once),
      subject: subject(pods, once),
    })
    const about = (name: string) => ({ annotations: { [`container.example/${name}`]: 'unconfined' } })
    for (const other of ['debugger', 'debugger-abcde', 'debugger-bcdfgh']) {
      expect(digest(pods, copy(other))).not.toBe(digest(pods, once))
    }
    const said = copy('debugger-bcdfg', about('debugger-bcdfg'))
    expect(digest(pods, said)).not.toBe(digest(pods, copy('debugger-x2b4z', about('debugger-x2b4z'))))
    const added = (name: string) => ({
      body: JSON.stringify({
        spec: { '$setElementOrder/ephemeralContainers': [{ name }], ephemeralContainers: [{ name, image: 'i' }] },
      }),
      type: STRATEGIC,
    })
    const ephemeral = `PATCH ${POD}/ephemeralcontainers`
    expect(digest(ephemeral, added('debugger-bcdfg'))).toBe(digest(ephemeral, added('debugger-x2b4z')))
  })

  test('exec is one question over WebSocket and SPDY, with its command in order', () => {
    const exec = (query: string, headers: Sent['headers'] = WEBSOCKET, method = 'GET') =>
      digest(`${method} ${POD}/exec?${query}`, { headers })
    expect(exec('command=ls&stdout=1')).toBe(exec('stdout=true&command=ls', SPDY, 'POST'))
    expect(exec('command=a&command=b')).not.toBe(exec('command=b&command=a'))
    expect(exec('command=ls')).not.toBe(exec('command=ls&stdin=true'))
    expect(exec('command=ls')).not.toBe(exec('command=ls&tty=true'))
    expect(exec('command=ls')).not.toBe(exec('command=ls&container=b'))
  })

  test('tunnels through a proxy are a question each: method, protocol, and every byte of the query', () => {
    const proxy = (line: string, headers?: Sent['headers']) => digest(line, headers === undefined ? {} : { headers })
    const path = '/api/v1/namespaces/shop/services/web/proxy/x'
    const all = [
      proxy(`GET ${path}`),
      proxy(`POST ${path}`),
      proxy(`GET ${path}/`),
      proxy(`GET ${path}?a=1`),
      proxy(`GET ${path}?a=1&b=2`),
      proxy(`GET ${path}?b=2&a=1`),
      proxy(`GET ${path}`, WEBSOCKET),
    ]
    expect(new Set(all).size).toBe(all.length)
  })
})
