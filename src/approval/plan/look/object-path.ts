import type { RequestInfo } from '../../../request/api-request.ts'

type Of = Pick<RequestInfo, 'apiGroup' | 'apiVersion' | 'namespace' | 'resource'>

/** Where the objects of a kind are, in one namespace or, for '', in all. */
export function collectionPath({ apiGroup, apiVersion, namespace, resource }: Of): string {
  const root = apiGroup === '' ? `/api/${apiVersion}` : `/apis/${apiGroup}/${apiVersion}`
  const where = namespace === '' ? '' : `/namespaces/${encodeURIComponent(namespace)}`
  return `${root}${where}/${resource}`
}

/** A namespace does not lie in itself, although Kubernetes says so in the attributes of a request. */
export function objectPath(of: Of & { readonly name: string; readonly subresource?: string }): string {
  const namespace = of.apiGroup === '' && of.resource === 'namespaces' ? '' : of.namespace
  const below = of.subresource === undefined || of.subresource === '' ? '' : `/${of.subresource}`
  return `${collectionPath({ ...of, namespace })}/${encodeURIComponent(of.name)}${below}`
}
