import type { ApiRequest } from '../../../request/api-request.ts'

/** Whether the refused request is one that an option of the command would have left out. */
type About = (request: ApiRequest) => boolean

const isList: About = ({ info }) => info.verb === 'list'
const writesPods: About = ({ info }) => info.resource === 'pods' && info.apiGroup === '' && info.verb !== 'get'

/** By the command that kubectl (1.36) says it is. */
const OPTIONS: Readonly<Record<string, readonly (readonly [About, string])[]>> = {
  apply: [
    [
      isList,
      'it is --prune that lists every kind: name those that you manage, such as --prune-allowlist=core/v1/ConfigMap, or use --applyset',
    ],
  ],
  debug: [
    [
      ({ info }) => info.resource === 'nodes',
      'debugging a node runs a pod in its namespaces, which no ordinary task may; read it instead: kubectl describe node',
    ],
    [
      writesPods,
      'debug a copy in which nothing reaches the node: kubectl debug POD --copy-to=NAME --profile=restricted',
    ],
  ],
  'cluster-info': [[isList, 'it lists the services of kube-system; kubectl version shows that the cluster answers']],
  'cluster-info dump': [
    [isList, 'it begins with all nodes; for one namespace: kubectl get all,events -o yaml, and kubectl logs'],
  ],
}

/** Another way to the same end, where the command has one; '' where nothing is known. What the client claims to be decides no more than this. */
export function anotherOption(command: string, request: ApiRequest): string {
  const name = command.replace(/^kubectl /, '')
  const options = Object.hasOwn(OPTIONS, name) ? (OPTIONS[name] ?? []) : []
  return options.find(([isAbout]) => isAbout(request))?.[1] ?? ''
}
