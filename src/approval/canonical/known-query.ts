import type { RequestInfo } from '../../request/api-request.ts'
import { isProxy, isStreamTarget } from '../../request/needs/connect.ts'

/** How the API server reads a parameter. */
export type ParameterKind = 'text' | 'number' | 'flag' | 'list'

type Parameters = Readonly<Record<string, ParameterKind>>

/** Read by filters of the API server for every request; neither changes what happens. */
const ALWAYS: Parameters = { pretty: 'text', timeout: 'text' }

/** metav1 GetOptions and TableOptions. */
const GET: Parameters = { resourceVersion: 'text', includeObject: 'text' }

/** metav1 ListOptions and TableOptions. */
const LIST: Parameters = {
  ...GET,
  ...{ fieldSelector: 'text', labelSelector: 'text', shardSelector: 'text' },
  ...{ watch: 'flag', allowWatchBookmarks: 'flag', sendInitialEvents: 'flag' },
  ...{ resourceVersionMatch: 'text', continue: 'text', limit: 'number', timeoutSeconds: 'number' },
}

/** metav1 CreateOptions and UpdateOptions. */
const WRITE: Parameters = { dryRun: 'text', fieldManager: 'text', fieldValidation: 'text' }

/** metav1 PatchOptions. */
const PATCH: Parameters = { ...WRITE, force: 'flag' }

/** metav1 DeleteOptions. */
const DELETE: Parameters = {
  ...{ dryRun: 'text', gracePeriodSeconds: 'number', orphanDependents: 'flag', propagationPolicy: 'text' },
  ignoreStoreReadErrorWithClusterBreakingPotential: 'flag',
}

const BY_VERB: Readonly<Record<string, Parameters>> = {
  get: GET,
  list: LIST,
  watch: LIST,
  create: WRITE,
  update: WRITE,
  patch: PATCH,
  delete: DELETE,
  deletecollection: { ...LIST, ...DELETE },
}

const ATTACH: Parameters = { container: 'text', stdin: 'flag', stdout: 'flag', stderr: 'flag', tty: 'flag' }

/**
 * core/v1 PodLogOptions, PodExecOptions, PodAttachOptions. `ports` of PodPortForwardOptions binds in an old protocol alone; in the others
 * the stream says which port, so that a question with ports in it would be about less than what the yes opens.
 */
const OF_PODS: Readonly<Record<string, Parameters>> = {
  log: {
    ...{ container: 'text', stream: 'text', follow: 'flag', previous: 'flag', timestamps: 'flag' },
    ...{ sinceSeconds: 'number', sinceTime: 'text', tailLines: 'number', limitBytes: 'number' },
    insecureSkipTLSVerifyBackend: 'flag',
  },
  exec: { ...ATTACH, command: 'list' },
  attach: ATTACH,
  portforward: {},
}

/**
 * The parameters that the API server knows for this request; null where it hands all of them on (proxies) or where nobody but the
 * handler knows (paths that are no resource).
 */
export function knownParameters(info: RequestInfo): ReadonlyMap<string, ParameterKind> | null {
  if (!info.isResourceRequest || info.verb === 'proxy' || isProxy(info)) return null
  return new Map(Object.entries({ ...ALWAYS, ...(ofPods(info) ?? BY_VERB[info.verb]) }))
}

function ofPods(info: RequestInfo): Parameters | undefined {
  const isLog = info.apiGroup === '' && info.resource === 'pods' && info.subresource === 'log' && info.verb === 'get'
  return isLog || isStreamTarget(info) ? OF_PODS[info.subresource] : undefined
}
