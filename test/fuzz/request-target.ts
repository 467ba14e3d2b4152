import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { NO_TERMS } from '../../src/lease/scope/terms.ts'
import { judge } from '../../src/policy/judge/judge.ts'
import { RISKS, risksOf } from '../../src/policy/risk/risks.ts'
import { type ApiRequest, REFUSALS } from '../../src/request/api-request.ts'
import type { HttpRequest } from '../../src/request/http-request.ts'
import { metadataOf } from '../../src/request/object/metadata.ts'
import { readAnywhere, readRequest } from '../../src/request/read-request.ts'
import { aPolicy, aRule, aTemplate, leaseOf } from '../policy/a-policy.ts'
import { SPDY, WEBSOCKET } from '../request/a-http-request.ts'
import { arbitraryRequest } from '../request/arbitrary-request.ts'
import { compare } from '../request/differential/differential.ts'
import { READ, REFUSED } from '../request/differential/vectors.ts'
import { arbitraryBody } from '../request/object/differential/arbitrary-body.ts'
import { compareBody } from '../request/object/differential/body-differential.ts'
import type { GoOracle } from '../support/programs/go-oracle.ts'
import type { Target } from './fuzz.ts'
import { fromHttp, toHttp } from './raw-http.ts'

const SECRET = 'hunter2'
const BEARER = [['authorization', `Bearer ${SECRET}`]] as const
const SERVED = new Set(['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf'])

/** As wide as a lease can be, and still nobody leaves namespace x. */
const everything = aTemplate({ rules: [aRule()], approval: { skip: RISKS.map(({ id }) => id), require: [] } })
const policy = aPolicy({ templates: [everything] })
const lease = leaseOf(everything)

/** Reading and judging of requests; what is read is compared with the API server's own code. */
export function requestTarget(oracle: GoOracle): Target {
  const lines: HttpRequest[] = []
  const bodies: ApiBody[] = []
  return {
    name: 'request',
    seeds: seeds(),
    run: bytes => {
      const http = toHttp(bytes)
      const read = readRequest(http)
      if (!isDeepStrictEqual(read, readRequest(http))) throw new Error('read twice, it is two requests')
      const anywhere = readAnywhere(http)
      if (anywhere.kind === 'refused') return assertPlain(http, anywhere.reason, anywhere.detail)
      lines.push(http)
      const { request } = anywhere
      const body = { contentType: request.contentType, body: http.body }
      if (SERVED.has(body.contentType) && http.body.length > 0) bodies.push(body)
      return assertJudged(request)
    },
    settle: async () => {
      const [asked, sent] = [lines.splice(0), bodies.splice(0)]
      const read = await oracle.askAll(asked)
      for (const [at, http] of asked.entries()) compare(http, read[at] ?? never())
      const decoded = await oracle.askBodies(sent)
      for (const [at, body] of sent.entries()) compareBody(body, decoded[at])
    },
  }
}

interface ApiBody {
  readonly contentType: string
  readonly body: Uint8Array
}

function assertPlain(http: HttpRequest, reason: (typeof REFUSALS)[number], detail: string): string {
  if (!REFUSALS.includes(reason)) throw new Error(`no such reason: ${reason}`)
  if (!/^[\x20-\x7e]{1,600}$/.test(detail)) throw new Error('a detail that cannot be shown')
  const named = [http.method, ...http.headers.map(([name]) => name)].some(text => text.toLowerCase().includes(SECRET))
  if (!named && detail.includes(SECRET)) throw new Error('a secret in a detail')
  // Its detail is the header's name, and each of them would be a kind of its own.
  return reason === 'forbidden-header' ? reason : `${reason} ${detail.replace(/\d+|0x\w\w/g, '#').slice(0, 40)}`
}

function assertJudged(request: ApiRequest): string {
  const { info, object } = request
  const verdict = judge({ request, lease, policy })
  const detail = verdict.kind === 'deny' ? verdict.reason : verdict.kind
  if (verdict.kind === 'allow' && info.isResourceRequest && info.namespace !== 'x') {
    const selfReview = info.verb === 'create' && info.resource.startsWith('selfsubject')
    if (!selfReview) throw new Error(`allowed outside of the lease: ${JSON.stringify(info)}`)
  }
  const said = metadataOf(object)
  const names =
    said === null
      ? 'odd'
      : Object.values(said)
          .map(text => (text === '' ? 0 : 1))
          .join('')
  const risks = risksOf({ request, policy, terms: NO_TERMS }).map(({ id }) => id)
  return [info.verb, request.verbs, request.routes, object.kind, names, risks, request.longRunning, detail].join(' ')
}

function seeds(): readonly Uint8Array[] {
  const upgrades = ['exec?command=ls', 'attach', 'portforward', 'proxy/a'].flatMap(sub => [
    fromHttp(`GET /api/v1/namespaces/x/pods/p/${sub}`, [...WEBSOCKET, ...BEARER]),
    fromHttp(`POST /api/v1/namespaces/x/pods/p/${sub}`, [...SPDY, ...BEARER]),
  ])
  const generated = fc.sample(arbitraryRequest, { seed: 1, numRuns: 300 })
  const bodies = fc.sample(arbitraryBody, { seed: 1, numRuns: 300 })
  const patches = ['merge-patch+json', 'strategic-merge-patch+json', 'json-patch+json', 'apply-patch+yaml'].map(type =>
    fromHttp(
      'PATCH /apis/apps/v1/namespaces/x/deployments/d',
      [['content-type', `application/${type}`]],
      type.startsWith('json-') ? '[{"op":"replace","path":"/metadata/name","value":"d"}]' : '{"metadata":{"name":"d"}}',
    ),
  )
  return [
    ...READ.map(({ request }) => fromHttp(request, BEARER)),
    ...REFUSED.map(({ request }) => fromHttp(request, BEARER)),
    ...generated.map(({ method, target, headers }) => fromHttp(`${method} ${target}`, headers)),
    ...bodies.map(({ contentType, body }, at) =>
      fromHttp(
        `${at % 2 === 0 ? 'POST' : 'PUT'} /api/v1/namespaces/x/pods${at % 2 === 0 ? '' : '/a'}`,
        [['content-type', contentType]],
        body,
      ),
    ),
    ...upgrades,
    ...patches,
    fromHttp(
      'DELETE /api/v1/namespaces/x/pods/p',
      [['content-type', 'application/json']],
      '{"propagationPolicy":"Background"}',
    ),
  ]
}

function never(): never {
  throw new Error('a question without an answer')
}
