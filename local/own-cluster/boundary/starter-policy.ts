import { BOUNDARY_NAMESPACE } from '../../edition/cluster/boundary-namespace.ts'
import { PEOPLE_ALGORITHM, PEOPLE_ISSUER } from '../../edition/people.ts'
import { AUDIENCE } from '../../edition/policy-text.ts'
import type { ServerFacts } from '../server-facts.ts'

/** A first policy for a cluster, to be read and edited. Paths are those of the state's folder, which it lies in. */
export function starterPolicy({ issuer, algorithms }: Pick<ServerFacts, 'issuer' | 'algorithms'>): string {
  return `# Who may get which task lease in this cluster: a beginning, to be read and changed. A running boundary reads it again when it
# changes; what the cluster itself grants follows with the next --apply.

# Where the boundary's own account is: out of every agent's reach. Created when it is not there.
boundaryNamespace: ${BOUNDARY_NAMESPACE}

# exec, attach and port-forward wait for an approver in namespaces like these.
productionNamespaces: [prod-*]

# Whose tokens are believed.
issuers:
  # Service account tokens of this cluster, for the audience ${AUDIENCE}: in a pod, a projected volume.
  - name: cluster
    issuer: ${JSON.stringify(issuer)}
    audience: ${AUDIENCE}
    algorithms: ${JSON.stringify(algorithms)}
    jwks: { file: cluster.jwks.json }
  # FOR EVALUATION ONLY: tokens of these people are files on this machine. Put your identity provider in its place.
  - name: people
    issuer: ${PEOPLE_ISSUER}
    audience: ${AUDIENCE}
    algorithms: [${PEOPLE_ALGORITHM}]
    jwks: { file: people.jwks.json }

# Workloads, each with an identity of its own that has no rights in the cluster.
# This one comes into being with: kubectl create serviceaccount trial-agent -n default
agents:
  - name: trial-agent
    issuer: cluster
    claims: { sub: "system:serviceaccount:default:trial-agent" }
    sponsor: you@example.com

# An approver never answers for an agent that they sponsor: write the address of the person behind it under alsoKnownAs.
people:
  - name: approver
    issuer: people
    claims: { sub: approver }
    roles: [approver]
    alsoKnownAs: [approver@example.com]
  - name: admin
    issuer: people
    claims: { sub: admin }
    roles: [admin]

# What an agent can ask for, and at most how much.
templates:
  - name: look-around
    description: See what runs and what it says
    grants:
      - agent: trial-agent
        namespaces: [default]
    rules:
      - verbs: [get, list, watch]
        apiGroups: [""]
        resources: [pods, pods/log, services, configmaps, events]
      - verbs: [get, list, watch]
        apiGroups: [apps]
        resources: [deployments, replicasets, statefulsets, daemonsets]
    maxTtl: 1h
    maxLeases: 3

  - name: restart
    description: Restart a deployment and see that it comes up
    grants:
      - agent: trial-agent
        namespaces: [default]
    rules:
      - verbs: [get, list, watch]
        apiGroups: [""]
        resources: [pods, pods/log, events]
      - verbs: [get, list, watch]
        apiGroups: [apps]
        resources: [deployments, replicasets]
      # Of a Deployment nothing but this one annotation: without fields, patch runs anything as its service account.
      - verbs: [patch]
        apiGroups: [apps]
        resources: [deployments]
        fields: ['spec.template.metadata.annotations["kubectl.kubernetes.io/restartedAt"]']
    maxTtl: 30m
    maxLeases: 1
    budgets: { mutations: 20, deletes: 0 }

  # kubectl exec, for commands that are written out: what they print is all that the agent sees.
  - name: inspect
    description: See what a pod sees, by commands that change nothing and print no credential
    grants:
      - agent: trial-agent
        namespaces: [default]
    rules:
      - verbs: [get, list, watch]
        apiGroups: [""]
        resources: [pods, pods/log]
      - verbs: [create]
        apiGroups: [""]
        resources: [pods/exec]
        commands:
          - [df, -h]
          - [uptime]
    maxTtl: 30m
`
}
