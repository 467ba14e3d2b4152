import type { RouteClass } from './http-request.ts'
import type { SentObject } from './object/sent-object.ts'

/**
 * The request attributes of Kubernetes (k8s.io/apiserver RequestInfo), with the same names and the same empty strings
 * where nothing is said.
 */
export interface RequestInfo {
  readonly isResourceRequest: boolean
  /** Kubernetes verb for resources (get, list, watch, create, update, patch, delete, deletecollection, proxy, or '' for an unknown method); the lower-cased HTTP method otherwise. */
  readonly verb: string
  readonly apiPrefix: string
  readonly apiGroup: string
  readonly apiVersion: string
  readonly namespace: string
  readonly resource: string
  readonly subresource: string
  readonly name: string
  readonly fieldSelector: string
  readonly labelSelector: string
}

/** exec and attach say in the query what they want to run; what goes over stdin afterwards is not visible here. */
export interface StreamTarget {
  readonly command: readonly string[]
  readonly container: string
  readonly stdin: boolean
  readonly tty: boolean
}

/** How a request is to be carried out: of metav1's CreateOptions, UpdateOptions, PatchOptions and DeleteOptions, what changes its meaning. */
export interface Options {
  readonly dryRun: boolean
  /** '' where nothing is said. */
  readonly propagationPolicy: string
  readonly force: boolean
  readonly gracePeriodSeconds: number | null
  /** Claimed by the client. */
  readonly fieldManager: string
}

/**
 * What of objects a read is answered with. `metadata`: that alone, annotations among it. `columns`: what kubectl prints of Secrets and
 * ConfigMaps, names, kinds and counts. `whole` is everything else.
 */
export type Answer = 'whole' | 'metadata' | 'columns'

/** A request as kube-apiserver will read it. */
export interface ApiRequest {
  readonly info: RequestInfo
  /** Whether what is asked for lies in the namespace that `info` names: a namespace does not lie in itself. */
  readonly inNamespace: boolean
  /** Undecoded path without the query. */
  readonly path: string
  /** Undecoded query without the question mark; '' when there is none. */
  readonly query: string
  readonly method: string
  /** Media type of the body without parameters, lower case; '' when none is named. */
  readonly contentType: string
  readonly upgrade: 'websocket' | 'spdy' | null
  /** Set for pods/exec and pods/attach. */
  readonly stream: StreamTarget | null
  /** Set for pods/portforward: the ports that it is bound to, none where each stream inside says its own. */
  readonly ports: readonly string[] | null
  /** Read when it is first asked for: the body of somebody unknown is not worth the time. */
  readonly object: SentObject
  /** How it is to be carried out, by the query or by the body of a delete. For the record: of a body that cannot be read it says nothing. */
  readonly options: Options
  /** What of objects it is answered with, where it reads some. */
  readonly answer: Answer
  /** Verbs that a lease must grant for this request: usually just `info.verb`; what may create or delete needs that as well, and exec needs create whichever way it comes. */
  readonly verbs: readonly string[]
  /** Classes of route that carry this request as it needs (body, no timeout, cut switch, recorder). */
  readonly routes: readonly RouteClass[]
  /** Watch, follow, exec and the like: it may outlive a lease and is cut when the lease ends. */
  readonly longRunning: boolean
}

/** Why a request is refused before anybody asks what it wants. */
export const REFUSALS = [
  'odd-path',
  'odd-query',
  'odd-method',
  'odd-upgrade',
  'too-long',
  'forbidden-header',
  'too-many-headers',
  'unexpected-body',
  'body-mismatch',
  'wrong-route',
] as const
export type Refusal = (typeof REFUSALS)[number]

export type ReadRequest =
  | { readonly kind: 'read'; readonly request: ApiRequest }
  /** `detail` names the offending part (a header's name, a byte), never a value. */
  | {
      readonly kind: 'refused'
      readonly reason: Refusal
      readonly detail: string
      /** What the API server would read, where only the rest of the request is odd. */
      readonly info?: RequestInfo
    }
