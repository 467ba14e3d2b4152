import { stringify } from 'yaml'
import { BOUNDARY_NAMESPACE } from './cluster/boundary-namespace.ts'
import type { Names } from './names.ts'

interface Issuer {
  /** `iss` of its tokens. */
  readonly issuer: string
  /** The file with its keys; none: the cluster that asks is asked for them. */
  readonly jwksFile?: string
}

interface Issuers {
  /** Of the cluster's service account tokens. */
  readonly cluster: Issuer
  readonly people: Issuer
}

export const AUDIENCE = 'leasegate'
/** Of the program with which people log in; the identity provider knows it. */
export const LOGIN_CLIENT = 'leasegate-cli'

/** The policy of the local edition: one agent, five tasks, one approver, one admin. With `agentsCaFile` it may show certificates of that authority. */
export function policyText(names: Names, issuers: Issuers, agentsCaFile: string | null = null): string {
  return stringify({
    boundaryNamespace: BOUNDARY_NAMESPACE,
    productionNamespaces: [names.production],
    issuers: [
      issuer('cluster', issuers.cluster, 'RS256'),
      { ...issuer('people', issuers.people, 'ES256'), login: { clientId: LOGIN_CLIENT } },
    ],
    ...(agentsCaFile === null
      ? {}
      : { certificateAuthorities: [{ name: 'agents', file: agentsCaFile, boundTo: 'certificate' }] }),
    agents: [
      {
        name: names.agent,
        issuer: 'cluster',
        claims: { sub: `system:serviceaccount:${names.agentNamespace}:${names.agent}` },
        sponsor: names.sponsor,
      },
    ],
    people: [person(names.approver, 'approver'), person(names.admin, 'admin')],
    templates: [restart(names), once(names), inspect(names), own(names), retire(names)],
  })
}

function issuer(name: string, { issuer, jwksFile }: Issuer, algorithm: string) {
  const jwks = jwksFile === undefined ? { cluster: true } : { file: jwksFile }
  return { name, issuer, audience: AUDIENCE, algorithms: [algorithm], jwks }
}

/** Their tokens carry no more than a name; the sponsor is named by an address, so their own stand here. */
function person(name: string, role: 'approver' | 'admin') {
  return { name, issuer: 'people', claims: { sub: name }, roles: [role], alsoKnownAs: [`${name}@example.com`] }
}

const LOOK = [
  { verbs: ['get', 'list', 'watch'], apiGroups: [''], resources: ['pods', 'pods/log', 'events'] },
  { verbs: ['get', 'list', 'watch'], apiGroups: ['apps'], resources: ['deployments', 'replicasets'] },
]

/** What `kubectl rollout restart` writes, and nothing else: whoever may patch more runs anything as the pods' service account. */
const RESTARTED = 'spec.template.metadata.annotations["kubectl.kubernetes.io/restartedAt"]'

function restart(names: Names) {
  return {
    name: names.restart,
    description: 'Restart a deployment and see that it comes up',
    grants: [{ agent: names.agent, namespaces: [names.app, names.production] }],
    rules: [
      ...LOOK,
      {
        verbs: ['patch'],
        apiGroups: ['apps'],
        resources: ['deployments'],
        resourceNames: [names.deployment],
        fields: [RESTARTED],
      },
    ],
    maxTtl: '1h',
    maxLeases: 3,
    budgets: { mutations: 50, deletes: 0 },
  }
}

/** One for the change, and one more: an answer that came too late for Envoy has taken it as well. */
function once(names: Names) {
  const description = 'Restart a deployment once or twice, and look at whatever belongs to it'
  return { ...restart(names), name: names.once, description, budgets: { mutations: 2, deletes: 0 } }
}

/** Commands that are written out, and an echo. */
function inspect(names: Names) {
  return {
    name: names.inspect,
    description: 'See what the pods see, by commands that change nothing',
    grants: [{ agent: names.agent, namespaces: [names.app, names.production] }],
    rules: [
      ...LOOK,
      {
        verbs: ['create'],
        apiGroups: [''],
        resources: ['pods/exec'],
        commands: [
          ['echo', '**'],
          ['sh', '-c', 'echo open; sleep 120'],
        ],
      },
    ],
    maxTtl: '1h',
    maxLeases: 3,
    budgets: { mutations: 50, deletes: 0 },
  }
}

/** Everything in one namespace, and still not the namespace itself. */
function own(names: Names) {
  return {
    name: names.own,
    description: 'Anything inside one namespace',
    grants: [{ agent: names.agent, namespaces: [names.app] }],
    rules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }],
    maxTtl: '15m',
    maxLeases: 1,
  }
}

function retire(names: Names) {
  return {
    name: names.retire,
    description: 'Look at what a namespace holds, then delete it',
    grants: [{ agent: names.agent, namespaces: [names.app] }],
    rules: [
      { verbs: ['get'], apiGroups: [''], resources: ['secrets'] },
      {
        scope: 'cluster',
        // kubectl delete lists and watches the one name to see it go.
        verbs: ['get', 'list', 'watch', 'delete'],
        apiGroups: [''],
        resources: ['namespaces'],
        resourceNames: [names.foreign],
      },
    ],
    maxTtl: '15m',
    maxLeases: 1,
  }
}
