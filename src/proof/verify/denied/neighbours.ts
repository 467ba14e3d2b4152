import { randomBytes } from 'node:crypto'
import type { Scope } from '../../../lease/lease.ts'
import { covers } from '../../../lease/scope/scope.ts'
import { readAnywhere } from '../../../request/read-request.ts'
import type { Wanted } from '../attempt.ts'

interface Where {
  readonly granted: string
  /** A namespace that the lease does not name, '' when it names all. */
  readonly foreign: string
}

/**
 * Requests just outside of the scope. Should one pass after all, it does no harm: it names what does not exist, or is a dry run, or
 * reads nothing but a page of one.
 */
export function neighbours(scope: Scope, { granted, foreign }: Where): readonly Wanted[] {
  const nobody = `leasegate-verify-${randomBytes(4).toString('hex')}`
  const elsewhere: readonly Wanted[] =
    foreign === ''
      ? []
      : [
          { method: 'DELETE', target: `/api/v1/namespaces/${foreign}/pods/${nobody}?dryRun=All` },
          { method: 'GET', target: `/api/v1/namespaces/${foreign}/pods?limit=1` },
          { method: 'GET', target: `/api/v1/namespaces/${foreign}/secrets/${nobody}` },
        ]
  const nearby: readonly Wanted[] = [
    { method: 'GET', target: '/api/v1/pods?limit=1' },
    { method: 'GET', target: '/api/v1/secrets?limit=1' },
    { method: 'DELETE', target: `/api/v1/namespaces/${granted}?dryRun=All` },
    { method: 'DELETE', target: `/api/v1/namespaces/${granted}/pods/${nobody}?dryRun=All` },
    {
      method: 'DELETE',
      target: `/api/v1/namespaces/${granted}/services?dryRun=All&fieldSelector=metadata.name%3D${nobody}`,
    },
    { method: 'GET', target: `/api/v1/namespaces/${granted}/secrets/${nobody}` },
    write('POST', `/api/v1/namespaces/${granted}/serviceaccounts/${nobody}/token?dryRun=All`, TOKEN_REQUEST),
    write('POST', '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings?dryRun=All', bindingOf(nobody)),
    { method: 'GET', target: '/api/v1/nodes?limit=1' },
    { method: 'GET', target: `/api/v1/nodes/${nobody}/proxy/pods` },
    { method: 'GET', target: '/metrics' },
  ]
  return [...elsewhere, ...nearby].filter(wanted => !isCovered(scope, wanted))
}

const TOKEN_REQUEST = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { audiences: [] } }

function bindingOf(name: string): object {
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
    subjects: [],
  }
}

function write(method: string, target: string, body: object): Wanted {
  return { method, target, body: JSON.stringify(body) }
}

/** By the boundary's own reading: a wide scope has fewer neighbours. */
function isCovered(scope: Scope, { method, target, body = '' }: Wanted): boolean {
  const headers = body === '' ? [] : ([['content-type', 'application/json']] as const)
  const http = { id: '', method, target, headers, body: Buffer.from(body), route: null, source: '' }
  const read = readAnywhere(http)
  return read.kind === 'read' && covers(scope, read.request) !== null
}
