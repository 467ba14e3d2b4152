import { request } from 'node:https'
import { gunzipSync } from 'node:zlib'
import {
  ApisApi,
  CoreApi,
  CustomObjectsApi,
  KubernetesObjectApi,
  makeInformer,
  type V1Deployment,
  VersionApi,
} from '@kubernetes/client-node'
import type { At } from './at.ts'

const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io'
const METADATA = 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io'
const OFTEN_ENOUGH_MS = 30_000

async function version(at: At) {
  return { server: (await at.config.makeApiClient(VersionApi).getCode()).gitVersion }
}

async function discovery(at: At) {
  const { groups } = await at.config.makeApiClient(ApisApi).getAPIVersions()
  const { resources } = await at.apps.getAPIResources()
  return {
    groups: groups.map(({ name }) => name).filter(name => name === 'apps' || name === 'batch'),
    versions: (await at.config.makeApiClient(CoreApi).getAPIVersions()).versions,
    deployments: resources.find(({ name }) => name === 'deployments')?.verbs.toSorted(),
    pods: (await at.core.getAPIResources()).resources.some(({ name }) => name === 'pods'),
  }
}

async function pages(at: At) {
  for (let number = 0; number < 5; number++) {
    await at.create(`page-${number}`, { text: 'x'.repeat(40_000) }, { pages: at.prefix })
  }
  const sizes: number[] = []
  let more: string | undefined
  do {
    const page = await at.list({ labelSelector: `pages=${at.prefix}`, limit: 2, ...(more ? { _continue: more } : {}) })
    sizes.push(page.items.length)
    more = page.metadata?._continue
  } while (more)
  return { sizes }
}

/** The list of `pages` in another form, as programs ask that want what the library has no types for. */
async function raw(at: At, headers: Record<string, string>) {
  const server = at.config.getCurrentCluster()?.server
  const selector = encodeURIComponent(`pages=${at.prefix}`)
  const url = new URL(`${server}/api/v1/namespaces/${at.namespace}/configmaps?labelSelector=${selector}`)
  const options = { headers: { ...headers } }
  await at.config.applyToHTTPSOptions(options)
  return new Promise<{ readonly encoding: string | undefined; readonly body: Buffer }>((resolve, reject) => {
    const asking = request(url, options, async response => {
      const body = Buffer.concat(await response.toArray())
      resolve({ encoding: response.headers['content-encoding'], body })
    })
    asking.once('error', reject)
    asking.end()
  })
}

async function table(at: At) {
  const found = JSON.parse((await raw(at, { Accept: TABLE })).body.toString())
  const columns = found.columnDefinitions.map(({ name }: { readonly name: string }) => name)
  return { kind: found.kind, columns, rows: found.rows.length }
}

async function metadataOnly(at: At) {
  const found = JSON.parse((await raw(at, { Accept: METADATA })).body.toString())
  return { kind: found.kind, items: found.items.length, data: 'data' in found.items[0] }
}

async function gzip(at: At) {
  const { encoding, body } = await raw(at, { Accept: 'application/json', 'Accept-Encoding': 'gzip' })
  return { encoding, items: JSON.parse(gunzipSync(body).toString()).items.length }
}

interface Event {
  readonly type: string
  readonly object: { readonly metadata?: { readonly name?: string }; readonly code?: number }
}

/** Of the object of that name; errors are events too. */
async function firstEvent(at: At, path: string, resourceVersion: string, name: string, meanwhile = async () => {}) {
  const came = Promise.withResolvers<Event>()
  const which = { fieldSelector: `metadata.name=${name}`, resourceVersion, timeoutSeconds: 30 }
  const seen = (type: string, object: Event['object']) => came.resolve({ type, object })
  const watching = await at.watch.watch(path, which, seen, came.reject)
  await meanwhile()
  return came.promise.finally(() => watching.abort())
}

async function now(at: At) {
  return (await at.list({ limit: 1 })).metadata?.resourceVersion ?? ''
}

async function watched(at: At) {
  const name = `${at.prefix}-watched`
  const path = `/api/v1/namespaces/${at.namespace}/configmaps`
  const { type, object } = await firstEvent(
    at,
    path,
    await now(at),
    name,
    async () => void (await at.create('watched')),
  )
  return { type, name: object.metadata?.name?.replace(at.prefix, '') }
}

/** A version that is too old, then the list anew, as reflectors do. */
async function gone(at: At) {
  const things = at.config.makeApiClient(CustomObjectsApi)
  const of = { group: 'example.com', version: 'v1', namespace: at.namespace, plural: 'things' }
  const name = `${at.prefix}-thing`
  const path = `/apis/example.com/v1/namespaces/${at.namespace}/things`
  const refused = await firstEvent(at, path, '1', name)
  const listed = await things.listNamespacedCustomObject(of)
  const body = { apiVersion: 'example.com/v1', kind: 'Thing', metadata: { name } }
  await things.createNamespacedCustomObject({ ...of, body })
  const { type } = await firstEvent(at, path, listed.metadata.resourceVersion, name)
  return { status: refused.object.code, afterwards: type }
}

async function informer(at: At) {
  const labelSelector = `informed=${at.prefix}`
  const path = `/api/v1/namespaces/${at.namespace}/configmaps`
  const informing = makeInformer(at.config, path, () => at.list({ labelSelector }), labelSelector)
  const [added, deleted] = [Promise.withResolvers<boolean>(), Promise.withResolvers<boolean>()]
  informing.on('add', () => added.resolve(true))
  informing.on('delete', () => deleted.resolve(true))
  const late = setTimeout(() => [added, deleted].map(({ resolve }) => resolve(false)), OFTEN_ENOUGH_MS)
  await informing.start()
  await at.create('informed', {}, { informed: at.prefix })
  const saw = { added: await added.promise }
  await at.delete('informed')
  const all = { ...saw, deleted: await deleted.promise }
  clearTimeout(late)
  await informing.stop()
  return all
}

async function dynamicClient(at: At) {
  const found = await KubernetesObjectApi.makeApiClient(at.config).read<V1Deployment>({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: at.deployment, namespace: at.namespace },
  })
  return { kind: found.kind, replicas: found.spec?.replicas }
}

export const READING: Readonly<Record<string, (at: At) => Promise<unknown>>> = {
  version,
  discovery,
  'list in pages': pages,
  table,
  'metadata only': metadataOnly,
  gzip,
  watch: watched,
  'watch after 410 Gone': gone,
  informer,
  'dynamic client': dynamicClient,
}
