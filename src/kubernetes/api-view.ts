import { readFile } from 'node:fs/promises'
import { Agent } from 'node:https'
import type { Actor, ClusterView, DryRun, Form, Looked } from '../approval/plan/look/cluster-view.ts'
import { EXTRA_KEYS, groupsOf, planUserOf } from '../policy/rbac/identity.ts'
import { type HttpAnswer, httpCall } from '../support/net/http-call.ts'
import { encodeExtraValue } from './extra-value.ts'

export interface ApiServer {
  /** `https://host:port`. */
  readonly url: string
  /** Read for each call: it is renewed. */
  readonly tokenFile: string
  /** Null: the system's. */
  readonly caFile: string | null
}

/** A list of pods of a large namespace. */
const MOST_BYTES = 8 * 1024 * 1024
const WITHIN_MS = 4000
const MOST_CONNECTIONS = 8
const WHY_CHARACTERS = 600

const ACCEPT = {
  object: 'application/json',
  metadata:
    'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1',
  table: 'application/json;as=Table;g=meta.k8s.io;v=v1',
} as const satisfies Record<Form, string>

/** An API server as plans look at it: with one account, and in the name of agents for dry runs. */
export function apiView({ url, tokenFile, caFile }: ApiServer): ClusterView & { readonly close: () => void } {
  const agent = new Agent({ keepAlive: true, maxSockets: MOST_CONNECTIONS })
  const call = async (method: string, target: string, headers: Headers, body: Uint8Array) => {
    const [token, ca] = await Promise.all([
      readFile(tokenFile, 'utf8'),
      caFile === null ? null : readFile(caFile, 'utf8'),
    ])
    const answer = await httpCall({
      method,
      url,
      target,
      headers: { ...headers, authorization: `Bearer ${token.trim()}` },
      body,
      ca,
      withinMs: WITHIN_MS,
      maxBytes: MOST_BYTES,
      agent,
    })
    return toLooked(answer)
  }
  const nothing = new Uint8Array()
  return {
    get: (target, form = 'object') => call('GET', target, { accept: ACCEPT[form] }, nothing),
    getAs: (actor, target, form = 'object') =>
      call('GET', target, { accept: ACCEPT[form], ...identityOf(actor) }, nothing),
    dryRunAs: (actor, { method, target, contentType, body }: DryRun) => {
      const type = contentType === '' ? {} : { 'content-type': contentType }
      return call(method, target, { accept: ACCEPT.object, ...type, ...identityOf(actor) }, body)
    },
    close: () => agent.destroy(),
  }
}

type Headers = Readonly<Record<string, string | readonly string[]>>

/** Groups and extras are those that the boundary would set; the user is one who cannot but try. */
function identityOf({ agent, template, lease, sponsor, granted }: Actor): Headers {
  const extra = (key: string) => `Impersonate-Extra-${key.replace('/', '%2f')}`
  return {
    'Impersonate-User': planUserOf(agent),
    'Impersonate-Group': groupsOf(template),
    [extra(EXTRA_KEYS.lease)]: lease,
    [extra(EXTRA_KEYS.task)]: template,
    ...(granted === '' ? {} : { [extra(EXTRA_KEYS.terms)]: granted }),
    ...(sponsor === '' ? {} : { [extra(EXTRA_KEYS.sponsor)]: encodeExtraValue(sponsor) }),
  }
}

function toLooked({ status, text }: HttpAnswer): Looked {
  const value = parseJson(text)
  if (status >= 200 && status < 300 && value !== null) return { kind: 'found', value }
  if (status === 404) return { kind: 'absent' }
  const message: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, 'message') : null
  const why = typeof message === 'string' && message !== '' ? message : `it answered with status ${status}`
  return { kind: 'refused', status, why: why.slice(0, WHY_CHARACTERS).toWellFormed() }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
