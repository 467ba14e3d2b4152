import { CREDENTIALS, READS_CREDENTIALS, READS_MANY, READS_ONE } from '../secret-reads.ts'
import { type Row, toEntries, WRITE } from './entry.ts'
import { mayBringSecret, mayChangeCode, mayRunInProduction } from './pod-escape.ts'
import { maySteerController, mayTakeAddresses, mayTakeCloudIdentity } from './reaching-out.ts'
import { acrossNamespaces, inProduction, inSystemNamespace } from './where.ts'

const ROWS = {
  'secrets-get': ['high', READS_ONE.join(' '), 'core', 'secrets', 'is answered with a Secret'],
  'secrets-list': ['high', READS_MANY.join(' '), 'core', 'secrets', 'is answered with Secrets whole'],
  'secrets-list-all': [
    'critical',
    'list watch',
    'core',
    'secrets',
    'reads every Secret of the cluster',
    acrossNamespaces,
  ],
  'credentials-read': [
    'high',
    READS_CREDENTIALS.join(' '),
    Object.keys(CREDENTIALS).join(' '),
    [...new Set(Object.values(CREDENTIALS).flat())].join(' '),
    'is answered with tokens or Secrets',
  ],
  'pod-secrets': [
    'high',
    'create update patch',
    '*',
    '*',
    'hands Secrets or tokens to pods, which may show them in logs',
    mayBringSecret,
  ],
  'workload-code': ['high', 'update patch', '*', '*', 'changes what runs in pods', mayChangeCode],
  'code-production': [
    'high',
    'create',
    '*',
    '*',
    'runs any image and command in production, which is as good as exec',
    mayRunInProduction,
  ],
  'services-external': [
    'high',
    'create update patch',
    'core',
    'services',
    'takes what anybody in the cluster sends to addresses outside of it',
    mayTakeAddresses,
  ],
  'ingress-snippet': [
    'high',
    'create update patch',
    'networking.k8s.io extensions',
    'ingresses',
    'has the ingress controller, which reads Secrets of the whole cluster, run configuration of its own',
    maySteerController,
  ],
  'sa-cloud': [
    'high',
    'create update patch',
    'core',
    'serviceaccounts',
    'gives pods an identity in a cloud',
    mayTakeCloudIdentity,
  ],
  'ns-delete': [
    'critical',
    'delete deletecollection',
    'core',
    'namespaces',
    'deletes a namespace with all that is in it',
  ],
  'ns-finalize': ['high', 'update', 'core', 'namespaces/finalize', 'ends a namespace without clearing it'],
  'exec-production': ['high', 'get create', 'core', 'pods/exec', 'runs a command in production', inProduction],
  'attach-production': [
    'high',
    'get create',
    'core',
    'pods/attach',
    'attaches to a process in production',
    inProduction,
  ],
  'portforward-production': [
    'high',
    'get create',
    'core',
    'pods/portforward',
    'opens ports of a pod in production, past network policies',
    inProduction,
  ],
  deletecollection: ['high', 'deletecollection', '*', '*', 'deletes a whole collection at once'],
  'crd-delete': [
    'critical',
    'delete deletecollection',
    'apiextensions.k8s.io',
    'customresourcedefinitions',
    'deletes every custom object of the kind',
  ],
  'nodes-delete': [
    'critical',
    'delete deletecollection',
    'core',
    'nodes',
    'takes a node with its pods out of the cluster',
  ],
  'pv-write': ['critical', WRITE, 'core', 'persistentvolumes', 'may open the file system of a node'],
  'system-configmaps': [
    'critical',
    WRITE,
    'core',
    'configmaps',
    'changes how the cluster itself works',
    inSystemNamespace,
  ],
  'system-leases': [
    'high',
    WRITE,
    'coordination.k8s.io',
    'leases',
    'fakes heartbeats or steals leadership',
    inSystemNamespace,
  ],
  tokenreview: ['high', 'create', 'authentication.k8s.io', 'tokenreviews', 'tells whether a found token is good'],
  'server-debug': [
    'high',
    '*',
    '-',
    '/debug/pprof* /debug/flags* /logs* /configz /flagz /statusz',
    'reads memory, logs or settings of the API server',
  ],
} as const satisfies Record<string, Row>

/** What wants a human's yes by default. */
export const ASKING = toEntries('approval', ROWS)
