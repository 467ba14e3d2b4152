import { ApisApi, CoreV1Api, CustomObjectsApi, type KubeConfig, type V1APIResource } from '@kubernetes/client-node'
import { asked } from './calls.ts'
import type { ApiResource } from './cluster.ts'

/** Every resource and subresource of the preferred version of each group. A group whose server is away is left out, as kubectl does. */
export async function discover(config: KubeConfig): Promise<readonly ApiResource[]> {
  const core = await asked('discovery', () => config.makeApiClient(CoreV1Api).getAPIResources())
  const { groups } = await asked('discovery', () => config.makeApiClient(ApisApi).getAPIVersions())
  const custom = config.makeApiClient(CustomObjectsApi)
  const others = await Promise.all(
    groups.map(async ({ name: group, preferredVersion, versions }) => {
      const version = preferredVersion?.version ?? versions[0]?.version ?? ''
      const found = await custom.getAPIResources({ group, version }).catch(() => null)
      return (found?.resources ?? []).map(resource => toResource(group, version, resource))
    }),
  )
  return [...core.resources.map(resource => toResource('', 'v1', resource)), ...others.flat()]
}

function toResource(group: string, version: string, { name, namespaced, verbs }: V1APIResource): ApiResource {
  return { group, version, name, namespaced, verbs }
}
