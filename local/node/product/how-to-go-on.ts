import type { Node } from '../node.ts'
import { type Product, tokenFile } from './product.ts'

/** What somebody types to look around. */
export function howToGoOn({ place, kubectl, adminKubeconfig }: Node, { agent, people, names }: Product): string {
  const [command, args] = place.command(kubectl, ['--kubeconfig', adminKubeconfig])
  return `
The node stays up until Ctrl-C. It has a network of its own, so everything is done from inside:
  alias k='${[command, ...args].join(' ')}'
  k get pods -A
  k exec -it -n ${agent.namespace} ${agent.name} -- sh      # the agent's pod: leasegate, kubectl
  k exec -it -n ${people.namespace} ${people.name} -- env LEASEGATE_IDENTITY_TOKEN_FILE=${tokenFile(names.approver)} sh   # an approver's`
}
