import type { Names } from '../../../local/edition/names.ts'

export const SHELL = 'open-a-shell'

/** Whatever makes a session in a pod. */
export function shellTemplate({ agent, app }: Names): object {
  return {
    name: SHELL,
    description: 'Work inside of pods',
    grants: [{ agent, namespaces: [app] }],
    rules: [
      { verbs: ['get', 'list', 'watch'], apiGroups: [''], resources: ['pods', 'pods/log'] },
      { verbs: ['get', 'list', 'watch'], apiGroups: ['apps'], resources: ['deployments', 'replicasets'] },
      {
        verbs: ['create', 'get'],
        apiGroups: [''],
        resources: ['pods/exec', 'pods/attach', 'pods/portforward'],
      },
      { verbs: ['patch', 'update', 'get'], apiGroups: [''], resources: ['pods/ephemeralcontainers'] },
    ],
    dangerous: ['pods-ephemeral'],
    maxTtl: '1h',
  }
}
