import { afterAll, beforeAll } from 'vitest'
import { aPlannedCluster, type PlannedCluster, SHOP, web } from './a-planned-cluster.ts'

/** One for all that `plan.test.ts` has: a cluster takes longer to start than most of it. */
export let shop: PlannedCluster
beforeAll(async () => {
  shop = await aPlannedCluster()
  await shop.apply(
    web('web:1', [
      { name: 'MODE', value: 'fast' },
      { name: 'API_TOKEN', value: 'ghp_0123456789abcdefghijklmnopqrstuvwxyz' },
    ]),
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'db', namespace: SHOP },
      stringData: { user: 'app', password: 'hunter2-hunter2' },
    },
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'app', namespace: SHOP }, data: { color: 'blue' } },
    {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name: 'web', namespace: SHOP },
      spec: { minAvailable: 2, selector: { matchLabels: { app: 'web' } } },
    },
  )
  await shop.kubectl(['rollout', 'status', 'deployment/web', '-n', SHOP, '--timeout=120s'])
})
afterAll(() => shop?.stop())

export const DEPLOYMENT = `/apis/apps/v1/namespaces/${SHOP}/deployments/web`
export const PODS = `/api/v1/namespaces/${SHOP}/pods`
export const SECRET = `/api/v1/namespaces/${SHOP}/secrets/db`
export const MERGE = 'application/merge-patch+json'
export const STRATEGIC = 'application/strategic-merge-patch+json'
export const aPod = async () =>
  (await shop.kubectl(['get', 'pods', '-n', SHOP, '-o', 'jsonpath={.items[0].metadata.name}'])) || ''
export const patched = (containers: readonly object[]) =>
  JSON.stringify({ spec: { template: { spec: { containers } } } })
