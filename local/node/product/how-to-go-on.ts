import type { Node } from '../node.ts'

/** What somebody types to look around. */
export function howToGoOn({ place, kubectl, adminKubeconfig }: Node): string {
  const [command, args] = place.command(kubectl, ['--kubeconfig', adminKubeconfig])
  return `
The node stays up until Ctrl-C. It has a network of its own, so everything is done from inside:
  alias k='${[command, ...args].join(' ')}'
  k get pods -A
  k exec -it -n agents agent -- sh        # the agent's pod: leasegate, kubectl`
}
