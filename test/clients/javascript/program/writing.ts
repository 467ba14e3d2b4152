import { PatchStrategy, setHeaderOptions, type V1Deployment } from '@kubernetes/client-node'
import type { At } from './at.ts'
import { refusal } from './say.ts'

const as = (strategy: PatchStrategy) => setHeaderOptions('Content-Type', strategy)

async function create(at: At) {
  return { data: (await at.create('written', { one: '1' })).data }
}

async function dryRun(at: At) {
  const { namespace } = at
  await at.core.createNamespacedConfigMap({ namespace, body: at.configMap('dry'), dryRun: 'All' })
  const reading = at.core.readNamespacedConfigMap({ namespace, name: `${at.prefix}-dry` })
  return reading.catch(error => ({ afterwards: refusal(error).status }))
}

async function replace(at: At) {
  const { namespace } = at
  const name = `${at.prefix}-written`
  const written = await at.core.readNamespacedConfigMap({ namespace, name })
  const body = { ...written, data: { ...written.data, two: '2' } }
  return { data: (await at.core.replaceNamespacedConfigMap({ namespace, name, body })).data }
}

async function patched(at: At, strategy: PatchStrategy, body: unknown) {
  const name = `${at.prefix}-written`
  const { data } = await at.core.patchNamespacedConfigMap({ name, namespace: at.namespace, body }, as(strategy))
  return { data }
}

function jsonPatch(at: At) {
  return patched(at, PatchStrategy.JsonPatch, [{ op: 'add', path: '/data/json', value: 'yes' }])
}

function mergePatch(at: At) {
  return patched(at, PatchStrategy.MergePatch, { data: { json: null, merge: 'yes' } })
}

function strategicPatch(at: At) {
  return patched(at, PatchStrategy.StrategicMergePatch, { data: { strategic: 'yes' } })
}

async function apply(at: At) {
  const name = `${at.prefix}-applied`
  const applied = async (owner: string, more: { readonly force?: boolean } = {}) => {
    const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { owner } }
    const request = { name, namespace: at.namespace, body, fieldManager: owner, ...more }
    return (await at.core.patchNamespacedConfigMap(request, as(PatchStrategy.ServerSideApply))).data
  }
  await applied('one')
  try {
    return await applied('two')
  } catch (error) {
    const { status, reason, causes } = refusal(error)
    return { status, reason, causes, forced: await applied('two', { force: true }) }
  }
}

function deployment(at: At): V1Deployment {
  const labels = { app: `${at.prefix}-scaled` }
  const spec = { automountServiceAccountToken: false, containers: [{ name: 'main', image: 'main:1' }] }
  return {
    metadata: { name: `${at.prefix}-scaled` },
    spec: { replicas: 1, selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
  }
}

async function scale(at: At) {
  const { namespace } = at
  const name = `${at.prefix}-scaled`
  await at.apps.createNamespacedDeployment({ namespace, body: deployment(at) })
  const was = await at.apps.readNamespacedDeploymentScale({ name, namespace })
  const body = { spec: { replicas: 2 } }
  const now = await at.apps.patchNamespacedDeploymentScale({ name, namespace, body }, as(PatchStrategy.MergePatch))
  return { was: was.spec?.replicas, now: now.spec?.replicas }
}

async function status(at: At) {
  const seen = { type: 'Seen', status: 'True', reason: 'Tested', message: 'by a program' }
  const body = { status: { conditions: [seen] } }
  const request = { name: `${at.prefix}-scaled`, namespace: at.namespace, body }
  const found = await at.apps.patchNamespacedDeploymentStatus(request, as(PatchStrategy.StrategicMergePatch))
  return { seen: found.status?.conditions?.some(({ type }) => type === 'Seen') }
}

/** As many programs do it: some options in the body, and some said twice. */
async function deleteWithOptions(at: At) {
  const { namespace } = at
  const name = `${at.prefix}-scaled`
  const propagationPolicy = 'Background'
  const body = { propagationPolicy, gracePeriodSeconds: 0 }
  await at.apps.deleteNamespacedDeployment({ name, namespace, propagationPolicy, body })
  await at.core.deleteNamespacedConfigMap({ name: `${at.prefix}-written`, namespace, body: {} })
  const reading = at.apps.readNamespacedDeployment({ name, namespace })
  return reading.catch(error => ({ afterwards: refusal(error).status }))
}

async function deleteAll(at: At) {
  const labelSelector = `client=${at.prefix}`
  await at.core.deleteCollectionNamespacedConfigMap({ namespace: at.namespace, labelSelector })
  return { left: (await at.list({ labelSelector })).items.length }
}

export const WRITING: Readonly<Record<string, (at: At) => Promise<unknown>>> = {
  create,
  'dry run': dryRun,
  replace,
  'JSON patch': jsonPatch,
  'merge patch': mergePatch,
  'strategic merge patch': strategicPatch,
  'server-side apply': apply,
  scale,
  status,
  'delete with options': deleteWithOptions,
  'delete a collection': deleteAll,
}
