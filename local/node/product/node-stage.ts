import { readAuditLog } from '../../cluster/audit-log.ts'
import { BOUNDARY_NAMESPACE } from '../../edition/cluster/boundary-namespace.ts'
import type { Ran } from '../../process/run.ts'
import { type Finding, shown } from '../../story/edition-stage.ts'
import { startRunning } from '../../story/running.ts'
import type { Stage, Who } from '../../story/stage.ts'
import type { Transcript } from '../../story/transcript.ts'
import type { Node } from '../node.ts'
import { HOME, IDENTITY_TOKEN } from './client-pod.ts'
import { execArgs, inPod, type Product, tokenFile } from './product.ts'
import { BOUNDARY_HOST, RELEASE } from './release.ts'

const KUBECONFIG = `${HOME}/kubeconfig`

/** The story's stage inside the cluster: agents and people are pods, and what they type runs in there. */
export function nodeStage(
  node: Node,
  product: Product,
  transcript: Transcript,
  onFinding: (finding: Finding) => void,
): Stage {
  const { agent, names } = product
  const asAgent = (command: readonly string[]) => inPod(node, agent, command)
  return {
    names,
    transcript,
    kubeconfigFile: KUBECONFIG,
    platform: { kubeconfigFile: node.adminKubeconfig, policyFile: product.valuesFile, ledgerKeyFile: null },
    console: null,
    certificate: null,
    kubectl: (args, env = {}) =>
      shown(transcript, 'agent', 'kubectl', args, asAgent([...withEnv({ KUBECONFIG, ...env }), 'kubectl', ...args])),
    kubectlRunning: args => {
      transcript.command('agent', `kubectl ${args.join(' ')} &`)
      // It ends by itself: an exec that is cut leaves its command running.
      const command = [...withEnv({ KUBECONFIG }), 'timeout', '120', 'kubectl', ...args]
      const access = ['--kubeconfig', node.adminKubeconfig]
      return startRunning(...node.place.command(node.kubectl, [...access, ...execArgs(agent, command)]))
    },
    kubectlWith: (token, to, args) =>
      shown(
        transcript,
        'agent',
        'kubectl',
        [`--server=${to}`, '--token=…', ...args],
        bare(node, product, token, to, args),
      ),
    leasegate: (who, args) => shown(transcript, who, 'leasegate', args, leasegate(node, product, who, args)),
    identityToken: async () => (await asAgent(['cat', IDENTITY_TOKEN])).stdout.trim(),
    audit: () => readAuditLog(node.auditLog),
    check: (says, ok, seen = '') => {
      transcript.verdict(ok, ok ? says : `${says}: ${seen}`)
      onFinding({ says, ok, seen })
    },
  }
}

/** What reads the record, and recorded sessions: the tap has their keys. */
const IN_TAP = ['query', 'sql', 'sessions']

/** The record is asked where it is: embedded, it listens in the tap's own container. */
export function leasegate(node: Node, product: Product, who: Who, args: readonly string[]): Promise<Ran> {
  if (IN_TAP.includes(args[0] ?? '') || args[1] === 'suggest') return inTap(node, args)
  if (who === 'agent') return inPod(node, product.agent, ['leasegate', ...args])
  const person = who === 'approver' ? product.names.approver : product.names.admin
  const identity = withEnv({ LEASEGATE_IDENTITY_TOKEN_FILE: tokenFile(person) })
  return inPod(node, product.people, [...identity, 'leasegate', ...args])
}

function inTap(node: Node, args: readonly string[]): Promise<Ran> {
  const program = ['/nodejs/bin/node', '/opt/leasegate/src/main.ts']
  return node.admin(['exec', '-n', BOUNDARY_NAMESPACE, `deployment/${RELEASE}-tap`, '--', ...program, ...args])
}

/** From the people's pod: the agent's own does not reach the API server at all, whatever token it shows. */
function bare(node: Node, { people }: Product, token: string, to: string, args: readonly string[]): Promise<Ran> {
  const access =
    to === 'boundary'
      ? [`--server=https://${BOUNDARY_HOST}`, '--certificate-authority=/ca/ca.crt']
      : ['--server=https://kubernetes.default.svc', '--certificate-authority=/ca/cluster.crt']
  return inPod(node, people, ['kubectl', '--kubeconfig=/dev/null', ...access, `--token=${token}`, ...args])
}

function withEnv(env: Readonly<Record<string, string>>): readonly string[] {
  return ['env', ...Object.entries(env).map(([name, value]) => `${name}=${value}`)]
}
