import type { Node } from '../../../local/node/node.ts'
import { HOME } from '../../../local/node/product/client-pod.ts'
import { inPod, type Product } from '../../../local/node/product/product.ts'
import type { Ran } from '../../../local/process/run.ts'
import { until } from '../../support/until.ts'
import { SHELL } from './shell-template.ts'

export interface Shell {
  /** What an agent types. */
  readonly type: (line: string, input?: string) => Promise<Ran>
  /** `kubectl` under a lease for sessions, in the namespace of `pod`. */
  readonly kubectl: string
  readonly pod: string
  /** An agent has so many leases at once, and no more. */
  readonly giveBack: () => Promise<unknown>
}

/** The agent's own shell, with a lease to work inside of pods. */
export async function aShell(node: Node, { agent, names }: Product): Promise<Shell> {
  const type = (line: string, input?: string) =>
    inPod(node, agent, ['sh', '-c', `export KUBECONFIG=${HOME}/shell.kubeconfig; ${line}`], input)
  const kubectl = `kubectl -n ${names.app}`
  let [id, said] = ['', '']
  // The firewall of pods may be on its way: another test takes parts of it out.
  const asking = until('a lease', async () => {
    const wish = `--template ${SHELL} --reason 'look inside' --ttl 50m -o json`
    const { code, stdout, stderr } = await type(`leasegate lease request ${wish}`)
    if (code === 0) id = (JSON.parse(stdout) as { readonly id: string }).id
    said = stderr
    return code === 0
  })
  await asking.catch((error: Error) => {
    throw new Error(`${error.message}: ${said}`)
  })
  await type(`leasegate kubeconfig --lease ${id} --out ${HOME}/shell.kubeconfig`)
  const listed = await type(`${kubectl} get pods -o name`)
  const pod = listed.stdout.split('\n')[0]?.replace('pod/', '') ?? ''
  return { type, kubectl, pod, giveBack: () => type(`leasegate lease revoke ${id} --reason done`) }
}
