import { stringify } from 'yaml'
import type { Cluster } from '../../cluster/cluster.ts'
import type { Names } from '../names.ts'
import { BOUNDARY_ACCOUNT, BOUNDARY_NAMESPACE, PLANNER_ACCOUNT } from './boundary-namespace.ts'

type Admin = Pick<Cluster, 'admin'>

/** Where nothing runs what is in a pod, its image is but a word. */
const PRETENDED = { image: 'web:1' }

/** What is in the cluster before the story: two namespaces with a deployment, one that is nobody's, accounts without rights. */
export async function prepareCluster(cluster: Admin, names: Names, container: object = PRETENDED): Promise<void> {
  const { app, production, foreign, agentNamespace, agent, deployment } = names
  await apply(cluster, [
    ...[app, production, foreign, agentNamespace, BOUNDARY_NAMESPACE].map(namespace),
    account(agentNamespace, agent),
    account(BOUNDARY_NAMESPACE, BOUNDARY_ACCOUNT),
    account(BOUNDARY_NAMESPACE, PLANNER_ACCOUNT),
    web(app, deployment, container),
    web(production, deployment, container),
    web(foreign, deployment, container),
    secret(app, 'db'),
  ])
  await Promise.all([app, production].map(each => rolledOut(cluster, each, deployment)))
}

/** Applies what `leasegate policy rbac` printed, or objects of our own. */
export async function apply(cluster: Admin, objects: readonly object[] | string): Promise<void> {
  const text = typeof objects === 'string' ? objects : objects.map(object => stringify(object)).join('---\n')
  const applied = await cluster.admin(['apply', '--server-side', '-f', '-'], text)
  if (applied.code !== 0) throw new Error(`the cluster refused: ${applied.stderr}`)
}

async function rolledOut(cluster: Admin, where: string, name: string): Promise<void> {
  const status = await cluster.admin(['rollout', 'status', `deployment/${name}`, '-n', where, '--timeout=60s'])
  if (status.code !== 0) throw new Error(`deployment ${name} did not come up: ${status.stderr}`)
}

function namespace(name: string): object {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name } }
}

function account(where: string, name: string): object {
  return { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace: where } }
}

function secret(where: string, name: string): object {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace: where },
    stringData: { password: 'not-a-real-one' },
  }
}

function web(where: string, name: string, container: object): object {
  const labels = { app: name }
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: where },
    spec: {
      replicas: 2,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { automountServiceAccountToken: false, containers: [{ name: 'web', ...container }] },
      },
    },
  }
}
