import { describe, expect, test } from 'vitest'
import { askUnder } from '../../src/approval/ask-under.ts'
import { subjectOf } from '../../src/approval/subject.ts'
import { authorize } from '../../src/authorizer/authorize.ts'
import { askedByStranger } from '../../src/authorizer/journal/asked.ts'
import { hasDuplicateNames } from '../../src/identity/claims/duplicate-names.ts'
import { fromAuthorization } from '../../src/identity/token/authorization.ts'
import { parseCompactJws } from '../../src/identity/token/compact-jws.ts'
import { judge } from '../../src/policy/judge/judge.ts'
import { isOpaque } from '../../src/policy/risk/opaque.ts'
import { shellQuote } from '../../src/proof/shell-quote.ts'
import { cut, cutAndMask } from '../../src/record/journal/cut.ts'
import { entryText } from '../../src/record/journal/entry-text.ts'
import { parseJournalItem } from '../../src/record/journal/parse-journal-item.ts'
import { hiddenIn } from '../../src/record/mask/hidden.ts'
import { maskCommand } from '../../src/record/mask/mask.ts'
import { maskText } from '../../src/record/mask/mask-text.ts'
import { toOutcomeRow, toRow } from '../../src/record/to-rows.ts'
import type { HeaderLine } from '../../src/request/http-request.ts'
import { metadataOf } from '../../src/request/object/metadata.ts'
import { openEnvelope } from '../../src/request/object/protobuf/envelope.ts'
import { parsePath } from '../../src/request/path/path.ts'
import { parseQuery } from '../../src/request/query.ts'
import { readAnywhere } from '../../src/request/read-request.ts'
import { parseFieldSelector } from '../../src/request/selectors/field-selector.ts'
import { isLabelSelector } from '../../src/request/selectors/label-selector.ts'
import { printable } from '../../src/support/text/printable.ts'
import { shown } from '../../src/support/text/shown-text.ts'
import { aRoad } from '../authorizer/road.ts'
import { aPolicy, aRule, aTemplate, leaseOf } from '../policy/a-policy.ts'
import { decision, item, outcome } from '../record/entries.ts'
import { anHttpRequest, read, SPDY } from '../request/a-http-request.ts'
import { bytesField } from '../request/object/a-protobuf.ts'
import { findSlow, type Work } from './linear.ts'
import { shapes } from './shapes.ts'

/** As much as a query may have, a header may have, and a body may have that is read; and some times what is kept of a text, and so masked. */
const QUERY = 190_000
const MASKED = 16_000
const HEADER = 60_000
const BODY = 1_500_000
const SHAPES = shapes()
const WITHIN_MS = 300_000

const RULES = { names: ['otp', '*-pin', 'acme*', '*vault*'], prefixes: ['acme_', 'aaaaaaaab', 'a.a.a'] }
const commands = aTemplate({
  rules: [
    aRule({
      commands: [
        ['sh', '-c', '*'],
        ['ls', '**'],
        ['*', 'x', '**'],
      ],
    }),
  ],
})
const exec = (query: string) => ({ target: `/api/v1/namespaces/x/pods/p/exec?${query}`, method: 'POST', headers: SPDY })
const parameter = (text: string) => encodeURIComponent(text.toWellFormed()).slice(0, QUERY).replace(/%.?$/, '')
const header = (name: string) => (text: string) =>
  readAnywhere(anHttpRequest({ method: 'GET', target: '/version', headers: [[name, text] satisfies HeaderLine] }))

const RUNNING = read('POST /api/v1/namespaces/x/pods/p/exec?command=sh', { headers: SPDY })
const NO_BODY = new Uint8Array()
const running = (command: readonly string[]) => {
  if (RUNNING.stream === null) throw new Error('it is an exec')
  return { ...RUNNING, stream: { ...RUNNING.stream, command } }
}
const writing = (value: Readonly<Record<string, unknown>>) => ({
  ...RUNNING,
  stream: null,
  object: { kind: 'plain', value } as const,
})

const TEXTS: Readonly<Record<string, Work>> = {
  maskText: text => maskText(text),
  shown: text => shown(text),
  'maskText with rules': text => maskText(text, RULES),
  'maskCommand of one argument': text => maskCommand([text]),
  'maskCommand of a script': text => maskCommand(['sh', '-c', `${text} x y`]),
  'maskCommand of words': text => maskCommand(['mysql', ...text.split(/[ :=]/)], RULES),
  'maskCommand behind an option': text => maskCommand(['mysql', '-p', text, `-p${text}`, '--password', text]),
  hiddenIn: text => hiddenIn(text, `${text}[masked]`),
  cut: text => [cut(text, 512), cut(text, text.length - 1), cutAndMask(text, 4096, each => each)],
  isOpaque: text => isOpaque(text),
  'subjectOf a script': text => subjectOf(running(['/bin/sh', '-c', text]), NO_BODY),
  'subjectOf words': text => subjectOf(running(text.split(' ')), NO_BODY),
  'subjectOf a body': text =>
    subjectOf(writing({ metadata: { labels: { [text]: text } }, spec: { a: text } }), NO_BODY),
  parsePath: text => parsePath(`/${text}`),
  parseQuery: text => parseQuery(text),
  isLabelSelector: text => isLabelSelector(text),
  parseFieldSelector: text => parseFieldSelector(text),
  fromAuthorization: text => fromAuthorization([['authorization', `Bearer ${text}`]]),
  parseCompactJws: text => parseCompactJws(`${Buffer.from(text).toString('base64url')}.e30.x`, HEADER * 4),
  hasDuplicateNames: text => hasDuplicateNames(`{"a":${JSON.stringify(text)}}`),
  printable: text => printable(text),
  shellQuote: text => shellQuote(text),
  toRow: text => {
    const info = { ...(decision().info ?? never()), name: text, labelSelector: text }
    return toRow(item(decision({ path: text, detail: text, command: [text, text], userAgent: text, info })))
  },
  toOutcomeRow: text =>
    toOutcomeRow({ ...outcome(decision()), key: null, path: text, userAgent: text, details: text }, 'x'),
  entryText: text => entryText(decision({ path: text, command: text.split(' '), detail: text })),
  parseJournalItem: text =>
    parseJournalItem({ stream: 's', id: '1-1', entry: JSON.stringify(decision({ path: text })), settled: text }),
  'a method': text => readAnywhere(anHttpRequest({ method: text, target: '/version' })),
  'a header': header('x-a'),
  'Content-Type': header('content-type'),
  Connection: header('connection'),
  'Sec-WebSocket-Protocol': header('sec-websocket-protocol'),
  'Kubectl-Command': header('kubectl-command'),
}

const REQUESTS: Readonly<Record<string, (text: string) => Parameters<typeof anHttpRequest>[0]>> = {
  'a command': text => exec(`command=sh&command=-c&command=${parameter(text)}`),
  'a command of words': text => exec(`command=${parameter(text).replaceAll('%20', '&command=')}`),
  'a container': text => exec(`command=ls&container=${parameter(text)}`),
  'a field selector': text => ({ method: 'GET', target: `/api/v1/pods?fieldSelector=${parameter(text)}` }),
  'a label selector': text => ({ method: 'GET', target: `/api/v1/namespaces/x/pods?labelSelector=${parameter(text)}` }),
  'a query': text => ({ method: 'GET', target: `/api/v1/namespaces/x/secrets/a?x=${parameter(text)}` }),
  'a path': text => ({ method: 'GET', target: `/api/v1/namespaces/x/pods/${parameter(text).slice(0, 8000)}` }),
  'a user agent': text => ({ method: 'GET', target: '/api/v1/pods', headers: [['user-agent', text]] }),
  'a field manager': text => ({
    method: 'DELETE',
    target: `/api/v1/namespaces/x/pods/p?fieldManager=${parameter(text)}`,
  }),
}

describe('a text that somebody sends', () => {
  test.each(Object.entries(TEXTS))(
    'takes time that grows with it and no faster: %s',
    async (name, work) => {
      expect(await findSlow(work, SHAPES, name.startsWith('mask') ? MASKED : QUERY, 150)).toEqual([])
    },
    WITHIN_MS,
  )

  test.each(Object.entries(REQUESTS))(
    'takes no more on the whole road, to its denial and into the journal: %s',
    async (_, toRequest) => {
      const { around, token } = await aRoad()
      const work = async (text: string) => {
        const { headers = [], ...given } = toRequest(text)
        const asking = anHttpRequest({ ...given, headers: [['authorization', `Bearer ${token}`], ...headers] })
        const route = readAnywhere(asking)
        await authorize(
          { ...asking, route: route.kind === 'read' ? (route.request.routes[0] ?? null) : 'read' },
          around,
        )
      }
      expect(await findSlow(work, SHAPES, QUERY, 100)).toEqual([])
    },
    WITHIN_MS,
  )

  test(
    'takes no more where it is a stranger who sends it',
    async () => {
      const work = (text: string) => {
        const given = anHttpRequest({ ...exec(`command=${parameter(text)}`), route: 'session' })
        const read = readAnywhere(given)
        const request = read.kind === 'read' ? read.request : null
        return askedByStranger(
          given,
          {
            ...{ auditId: 'a', decidedAt: 0, begunAt: 0, isCommitting: false },
            ...{ request, refusedAs: null, lease: null, said: null, narrowed: 0, ways: [], review: null },
          },
          RULES,
        )
      }
      expect(await findSlow(work, SHAPES, QUERY, 30)).toEqual([])
    },
    WITHIN_MS,
  )

  test(
    'takes no more where commands are compared with patterns',
    async () => {
      const policy = aPolicy({ templates: [commands] })
      const work = (text: string) => {
        const read = readAnywhere(anHttpRequest(exec(`command=sh&command=-c&command=${parameter(text)}`)))
        return read.kind === 'read' ? judge({ request: read.request, policy, lease: leaseOf(commands) }) : read
      }
      expect(await findSlow(work, SHAPES, QUERY, 100)).toEqual([])
    },
    WITHIN_MS,
  )

  test(
    'takes no more where a human is asked about it',
    async () => {
      const asking = aTemplate({ rules: [aRule()], approval: { skip: [], require: ['pods-exec'] } })
      const policy = aPolicy({ templates: [asking] })
      const lease = leaseOf(asking)
      const work = (text: string) => {
        const found = readAnywhere(anHttpRequest(exec(`command=sh&command=-c&command=${parameter(text)}`)))
        if (found.kind !== 'read') return found
        const { request } = found
        const verdict = judge({ request, policy, lease })
        if (verdict.kind !== 'approval') throw new Error(`it is ${verdict.kind}`)
        return askUnder(policy, { request, body: NO_BODY, lease, above: [], verdict })
      }
      expect(await findSlow(work, SHAPES, QUERY, 150)).toEqual([])
    },
    WITHIN_MS,
  )
})

const BODIES: Readonly<Record<string, { readonly type: string; readonly wrap: (text: string) => string | Buffer }>> = {
  'JSON as it is': { type: 'application/json', wrap: text => text },
  'a text in JSON': { type: 'application/json', wrap: text => `{"metadata":{"name":${JSON.stringify(text)}}}` },
  'a name in JSON': { type: 'application/merge-patch+json', wrap: text => `{${JSON.stringify(text)}:1}` },
  'a JSON patch': {
    type: 'application/json-patch+json',
    wrap: text => `[{"op":"add","path":${JSON.stringify(`/${text}`)},"value":${JSON.stringify(text)}}]`,
  },
  'YAML as it is': { type: 'application/yaml', wrap: text => text.slice(0, 262_000) },
  'a value in YAML': { type: 'application/yaml', wrap: text => `a: ${text.slice(0, 262_000)}` },
  'a quoted value in YAML': { type: 'application/yaml', wrap: text => `a: "${text.slice(0, 262_000)}` },
  'a block in YAML': { type: 'application/apply-patch+yaml', wrap: text => `a: >\n ${text.slice(0, 262_000)}` },
  'protobuf as it is': { type: 'application/vnd.kubernetes.protobuf', wrap: text => `k8s\0\x12${text}` },
  'a text in protobuf': {
    type: 'application/vnd.kubernetes.protobuf',
    wrap: text => Buffer.concat([Buffer.from('k8s\0'), bytesField(2, bytesField(1, bytesField(1, text)))]),
  },
}

describe('a body', () => {
  const shapesOfBodies = SHAPES.filter(({ name }) => name.includes('again') || name.includes('nested'))

  test.each(Object.entries(BODIES))(
    'takes time that grows with it and no faster: %s',
    async (_, { type, wrap }) => {
      const work = (text: string) => {
        const read = readAnywhere(
          anHttpRequest({
            method: 'PATCH',
            target: '/api/v1/namespaces/x/configmaps/a',
            headers: [['content-type', type]],
            body: Buffer.from(wrap(text) as string),
          }),
        )
        return read.kind === 'read' ? metadataOf(read.request.object) : read
      }
      expect(await findSlow(work, shapesOfBodies, BODY, 250)).toEqual([])
    },
    WITHIN_MS,
  )

  test.each(['core/v1 configmaps', 'apiextensions.k8s.io/v1 customresourcedefinitions'])(
    'of protobuf that is read to the end takes time that grows with it and no faster: %s',
    async kind => {
      const [version, resource] = kind.split(' ')
      const target = version === 'core/v1' ? `/api/v1/namespaces/x/${resource}` : `/apis/${version}/${resource}`
      const headers = [['content-type', 'application/vnd.kubernetes.protobuf']] as const
      const work = (text: string) => {
        const body = Buffer.concat([Buffer.from('k8s\0'), bytesField(2, inside(version === 'core/v1', text))])
        const read = readAnywhere(anHttpRequest({ method: 'POST', target, headers, body }))
        return read.kind === 'read' ? read.request.object : read
      }
      expect(await findSlow(work, shapesOfBodies.slice(0, 2), BODY / 2, 250)).toEqual([])
    },
    WITHIN_MS,
  )

  test('of protobuf takes time for what is read of it, and no more', async () => {
    const one = bytesField(1, bytesField(2, ''))
    const work = (text: string) =>
      openEnvelope(
        Buffer.concat([
          Buffer.from('k8s\0'),
          bytesField(2, Buffer.concat(Array.from({ length: text.length / 8 }, () => one))),
        ]),
      )
    expect(await findSlow(work, SHAPES.slice(0, 1), BODY / 4, 250)).toEqual([])
  })
})

/** A map with an entry for each few characters, or a schema in a schema in a schema with the text at its end. */
function inside(isMap: boolean, text: string): Buffer {
  if (!isMap) return bytesField(2, nested(text))
  const entries = (text.match(/.{1,100}/gs) ?? []).map((part, at) => bytesField(2, entry(`k${at}`, part)))
  return Buffer.concat(entries)
}

function nested(text: string): Buffer {
  let schema = bytesField(4, text)
  for (let level = 0; level < 150; level += 1) schema = bytesField(28, schema)
  return bytesField(7, Buffer.concat([bytesField(1, 'v1'), bytesField(4, bytesField(1, schema))]))
}

function entry(key: string, value: string): Buffer {
  return Buffer.concat([bytesField(1, key), bytesField(2, value)])
}

test(
  'what grows with the square of a text is found',
  async () => {
    const quotes = SHAPES.filter(({ name }) => name === `a, "'", x y`)
    const trimmed = (text: string) => text.replace(/^["']+|["';]+$/g, '')
    // A pause of the machine that falls on the quarter lets one look pass.
    let found: readonly string[] = []
    for (let looks = 0; looks < 5 && found.length === 0; looks += 1) {
      found = await findSlow(trimmed, quotes, 14_000, 10_000)
    }
    expect(found.join()).toMatch(/times a quarter's/)
  },
  WITHIN_MS,
)

function never(): never {
  throw new Error('an example without what was asked')
}
