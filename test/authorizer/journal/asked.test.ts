import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import { authorize } from '../../../src/authorizer/authorize.ts'
import { asked, askedByStranger } from '../../../src/authorizer/journal/asked.ts'
import type { Known } from '../../../src/authorizer/settle.ts'
import type { MaskRules, Policy } from '../../../src/policy/policy.ts'
import { MAX_ENTRY_BYTES } from '../../../src/record/journal/entry-text.ts'
import type { DecisionEntry } from '../../../src/record/journal/journal-entry.ts'
import type { HttpRequest } from '../../../src/request/http-request.ts'
import { aPolicy } from '../../policy/a-policy.ts'
import { toProtobuf } from '../../policy/pods/to-protobuf.ts'
import { SPDY, WEBSOCKET } from '../../request/a-http-request.ts'
import { bytesField, envelope } from '../../request/object/a-protobuf.ts'
import { aRoad, http } from '../road.ts'

/** The entry of a request under a lease, or, without one, among the refusals. */
async function entryOf(line: string, given: Partial<HttpRequest> = {}, stranger = false) {
  const { around, stores, token } = await aRoad()
  const headers = [...(stranger ? [] : [['authorization', `Bearer ${token}`] as const]), ...(given.headers ?? [])]
  await authorize(http(line, null, { ...given, headers }), around)
  const text = stores.journal.at(-1) ?? ''
  return { text, entry: JSON.parse(text) as DecisionEntry }
}

const KNOWN = {
  ...{
    auditId: 'a',
    decidedAt: 0,
    begunAt: 0,
    isCommitting: false,
    request: null,
    refusedAs: null,
    lease: null,
    said: null,
  },
  ...{ narrowed: 0, ways: [], review: null },
}

const EXEC = 'POST /api/v1/namespaces/other/pods/p/exec'
const upgrade = { headers: SPDY, route: 'session' } as const
const LONG: readonly { name: string; line: string; given?: Partial<HttpRequest> }[] = [
  { name: 'a command of control characters', line: `${EXEC}?command=${'%01'.repeat(10_900)}`, given: upgrade },
  { name: 'a command of quotes', line: `${EXEC}?command=a${"'".repeat(32_000)}x+y`, given: upgrade },
  { name: 'a thousand arguments', line: `${EXEC}?${'command=abcdefghijklmnop&'.repeat(990)}`, given: upgrade },
  { name: 'a field selector', line: `GET /api/v1/namespaces/other/pods?fieldSelector=${'a%20'.repeat(8100)}` },
  { name: 'a label selector', line: `GET /api/v1/namespaces/other/pods?labelSelector=${'ab%22'.repeat(6500)}` },
  { name: 'a path', line: `GET /api/v1/namespaces/${'n'.repeat(7000)}/pods` },
  { name: 'a name of escapes', line: `GET /api/v1/namespaces/x/pods/${'%C3%A9'.repeat(1300)}` },
  { name: 'a field manager', line: `POST /api/v1/namespaces/other/pods?fieldManager=${'m'.repeat(30_000)}` },
  { name: 'a path that is refused', line: `GET /${'%2e%2e/'.repeat(8000)}` },
]

describe('an entry', () => {
  test.each(LONG)('is small, and says that it was cut, for $name', async ({ line, given }) => {
    const { text } = await entryOf(line, given)
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(MAX_ENTRY_BYTES)
    expect(text).toMatch(/\[cut, \d+ more/)
  })

  test.each(LONG)('of a stranger is smaller still, for $name', async ({ line, given }) => {
    const { text, entry } = await entryOf(line, given, true)
    expect(entry).toMatchObject({ reason: 'no-credential', agent: '', command: [] })
    expect(Buffer.byteLength(text)).toBeLessThan(MAX_ENTRY_BYTES / 2)
  })

  test('of a stranger keeps neither a command nor selectors', async () => {
    const exec = await entryOf(`${EXEC}?command=rm&container=web&stdin=true`, upgrade, true)
    expect(exec.entry).toMatchObject({ command: [], container: '', stdin: false, info: { subresource: 'exec' } })
    const list = await entryOf('GET /api/v1/namespaces/x/pods?labelSelector=a%3Db&fieldSelector=c%3Dd', {}, true)
    expect(list.entry.info).toMatchObject({ labelSelector: '', fieldSelector: '' })
  })

  test('says what was asked for beside the object', async () => {
    const { entry } = await entryOf('POST /api/v1/namespaces/x/pods/p/exec?command=sh&stdin=true&tty=true', upgrade)
    expect(entry).toMatchObject({ command: ['sh'], stdin: true, tty: true, dryRun: false, masked: 0 })
    const forward = await entryOf('GET /api/v1/namespaces/x/pods/p/portforward?ports=80&ports=8080', {
      headers: WEBSOCKET,
      route: 'upgrade',
    })
    expect(forward.entry).toMatchObject({ ports: '80,8080', command: [], masked: 0 })
    const body = Buffer.from('{"dryRun":["All"],"propagationPolicy":"Foreground","gracePeriodSeconds":0}')
    const removed = await entryOf('DELETE /api/v1/namespaces/x/pods/p', { body })
    expect(removed.entry).toMatchObject({ dryRun: true, propagationPolicy: 'Foreground', gracePeriodSeconds: 0 })
    const applied = await entryOf('PATCH /api/v1/namespaces/x/pods/p?fieldManager=helm&force=true&dryRun=%41ll')
    expect(applied.entry).toMatchObject({ dryRun: true, force: true, fieldManager: 'helm' })
  })

  const PODS = '/api/v1/namespaces/x/pods'
  const typed = (type: string) => [['content-type', type]] as const
  const JSON_TYPE = typed('application/json')
  const METADATA = { metadata: { name: 'web-0' } }

  test.each([
    { name: 'JSON', headers: JSON_TYPE, body: JSON.stringify(METADATA), want: 'web-0' },
    { name: 'YAML', headers: typed('application/yaml'), body: 'metadata:\n  name: web-0\n', want: 'web-0' },
    {
      name: 'protobuf',
      headers: typed('application/vnd.kubernetes.protobuf'),
      body: toProtobuf('pods', METADATA),
      want: 'web-0',
    },
    {
      name: 'protobuf of another version',
      headers: typed('application/vnd.kubernetes.protobuf'),
      body: envelope(Buffer.concat([bytesField(1, bytesField(1, 'web-0')), bytesField(99, '')])),
      want: 'web-0',
    },
    { name: 'a name to be made up', headers: JSON_TYPE, body: '{"metadata":{"generateName":"web-"}}', want: 'web-*' },
    { name: 'no name', headers: JSON_TYPE, body: '{}', want: '' },
    { name: 'no JSON', headers: JSON_TYPE, body: '{', want: '' },
  ])('has the name of what is created: $name', async ({ headers, body, want }) => {
    const given = { headers, body: Buffer.from(body as string) }
    expect((await entryOf(`POST ${PODS}`, given)).entry.info).toMatchObject({ verb: 'create', name: want })
    const elsewhere = await entryOf('POST /api/v1/namespaces/y/pods', given)
    expect(elsewhere.entry).toMatchObject({ reason: 'out-of-scope', info: { verb: 'create', name: want } })
  })

  test.each([
    {
      name: 'options in two places',
      line: `DELETE ${PODS}/web-0?dryRun=All`,
      given: { body: Buffer.from('{}') },
      verb: 'delete',
    },
    { name: 'a wrong route', line: `DELETE ${PODS}/web-0`, given: { route: 'read' } as const, verb: 'delete' },
    {
      name: 'an upgrade that is none',
      line: `POST ${PODS}/web-0/exec`,
      given: { route: 'session' } as const,
      verb: 'create',
    },
  ])('of what is refused for its form has verb and name: $name', async ({ line, given, verb }) => {
    const { entry } = await entryOf(line, given)
    expect(entry.intent).toBe('deny')
    expect(entry.info).toMatchObject({ verb, resource: 'pods', namespace: 'x', name: 'web-0' })
  })

  const WEB = '/apis/apps/v1/namespaces/x/deployments/web'
  const pod = (container: object) => ({ spec: { containers: [{ name: 'web', ...container }] } })
  const inTemplate = (container: object) => ({ spec: { template: pod(container) } })
  const MERGE = 'application/strategic-merge-patch+json'

  test.each([
    {
      name: 'a pod',
      line: `POST ${PODS}`,
      body: pod({ image: 'busybox', command: ['sh', '-c'], args: ['id; ls'] }),
      want: ["web: image busybox, sh -c 'id; ls'"],
    },
    {
      name: 'another image',
      line: `PATCH ${WEB}`,
      type: MERGE,
      body: inTemplate({ image: 'evil/x' }),
      want: ['web: image evil/x'],
    },
    {
      name: 'another command',
      line: `PATCH ${WEB}`,
      type: MERGE,
      body: inTemplate({ command: ['nc', '-l'] }),
      want: ['web: nc -l'],
    },
    {
      name: 'a step of a JSON patch',
      line: `PATCH ${WEB}`,
      type: 'application/json-patch+json',
      body: [{ op: 'replace', path: '/spec/template/spec/containers/0/image', value: 'evil/x' }],
      want: ['image evil/x'],
    },
    {
      name: 'one argument in a step',
      line: `PATCH ${WEB}`,
      type: 'application/json-patch+json',
      body: [{ op: 'add', path: '/spec/template/spec/containers/0/args/-', value: '--evil' }],
      want: ['--evil'],
    },
    {
      name: 'a hook',
      line: `PATCH ${WEB}`,
      type: MERGE,
      body: inTemplate({ lifecycle: { postStart: { exec: { command: ['id'] } } } }),
      want: ['id'],
    },
    { name: 'a scale', line: `PATCH ${WEB}`, type: MERGE, body: { spec: { replicas: 3 } }, want: [] },
    { name: 'no pod', line: 'POST /api/v1/namespaces/x/configmaps', body: { data: { image: 'x' } }, want: [] },
  ])('says what a write makes run: $name', async ({ line, type = 'application/json', body, want }) => {
    const { entry } = await entryOf(line, { headers: typed(type), body: Buffer.from(JSON.stringify(body)) })
    expect(entry.runs).toEqual(want)
  })

  test('says what runs without the credentials in it, and not more than it would of a command', async () => {
    const command = ['app', '--password=hunter2hunter2', '--token', 'abcabcabc']
    const containers = Array.from({ length: 50 }, (_, at) => ({
      name: `c${at}`,
      image: 'i',
      command: ['x'.repeat(400)],
    }))
    const body = Buffer.from(
      JSON.stringify({ spec: { containers: [{ name: 'a', image: 'i', command }, ...containers] } }),
    )
    const { entry, text } = await entryOf(`POST ${PODS}`, { headers: JSON_TYPE, body })
    expect(entry.runs[0]).toBe("a: image i, app '--password=[masked]' --token '[masked]'")
    expect(entry.masked).toBeGreaterThanOrEqual('hunter2hunter2abcabcabc'.length)
    expect(entry.runs.at(-1)).toMatch(/^\[cut, \d+ more/)
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(MAX_ENTRY_BYTES)
  })

  test('counts what is masked', async () => {
    const command = '?command=app&command=--password%3Dhunter2hunter2&command=--token&command=abc'
    const { entry } = await entryOf(`POST /api/v1/namespaces/x/pods/p/exec${command}`, upgrade)
    expect(entry.command).toEqual(['app', '--password=[masked]', '--token', '[masked]'])
    expect(entry.masked).toBe('hunter2hunter2abc'.length)
  })

  test('masks what a client says of itself by the rules of today, however often it was harmless before', () => {
    const laxer = aPolicy({ mask: { names: [], prefixes: [] } })
    const stricter = aPolicy({ mask: { names: [], prefixes: ['corp-'] } })
    const request = http('GET /api', null, { headers: [['user-agent', 'corp-hello']] })
    const agentBy = ({ mask }: Policy) => JSON.stringify(asked(request, KNOWN, mask))
    expect(agentBy(laxer)).toContain('"userAgent":"corp-hello"')
    expect(agentBy(stricter)).toContain('"userAgent":"[masked]"')
    expect(agentBy(laxer)).toContain('"userAgent":"corp-hello"')
    expect(agentBy(stricter)).toContain('"userAgent":"[masked]"')
  })

  test('keeps nothing of what strangers say, and of long lines nothing of anybody', () => {
    setFlagsFromString('--expose-gc')
    const collect: () => void = runInNewContext('gc')
    const { mask } = aPolicy()
    const sent = (of: (http: HttpRequest, known: Known, mask: MaskRules) => unknown) => {
      collect()
      const before = process.memoryUsage().heapUsed
      for (let at = 0; at < 300; at += 1) {
        const line = Buffer.alloc(200_000, `${at} tool/1.0 `).toString('latin1')
        of(http('GET /api', null, { headers: [['user-agent', line]] }), KNOWN, mask)
      }
      collect()
      return process.memoryUsage().heapUsed - before
    }
    expect(sent(asked)).toBeLessThan(10_000_000)
    expect(sent(askedByStranger)).toBeLessThan(10_000_000)
  })
})
