import type { Names } from '../../edition/names.ts'
import { answer } from '../../story/answer.ts'
import { requestLease, stream } from '../../story/chapters/access.ts'
import { type Chapter, type Stage, until } from '../../story/stage.ts'
import type { Node } from '../node.ts'
import { inPod, type Product } from './product.ts'

const TEMPLATE = 'look-inside'
const PORT = 18_080
const ASKED_WITHIN_MS = 30_000
const ENDED_WITHIN_MS = 60_000

/** Beside the templates of the story: what wants a container behind it. */
export function insideTemplate({ agent, app }: Names): object {
  return {
    name: TEMPLATE,
    description: 'Forward a port of the web pods, and debug them',
    grants: [{ agent, namespaces: [app] }],
    rules: [
      { verbs: ['get', 'list', 'watch'], apiGroups: [''], resources: ['pods', 'pods/log'] },
      { verbs: ['get', 'list'], apiGroups: ['apps'], resources: ['deployments', 'replicasets'] },
      { verbs: ['create', 'get'], apiGroups: [''], resources: ['pods/portforward'] },
      { verbs: ['patch', 'get'], apiGroups: [''], resources: ['pods/ephemeralcontainers'] },
    ],
    dangerous: ['pods-ephemeral'],
    maxTtl: '1h',
  }
}

/** A chapter of the story for where pods have real containers. */
export function inside(node: Node, product: Product): Chapter {
  return {
    title: 'Inside of real containers: a port of one, and one more beside it',
    play: async (stage, plot) => {
      const id = await requestLease(stage, TEMPLATE, ['--ttl', '10m', '--reason', 'web hangs'])
      await stage.leasegate('agent', ['kubeconfig', '--lease', id, '--out', stage.kubeconfigFile])
      const listed = await stage.kubectl(['get', 'pods', '-n', product.names.app, '-o', 'name'])
      const pod = listed.stdout.split('\n')[0]?.replace('pod/', '') ?? ''
      await forwards(stage, node, product, pod)
      await debugs(stage, node, pod)
      await stage.leasegate('agent', ['lease', 'revoke', id, '--reason', 'done'])
      await stage.leasegate('agent', ['kubeconfig', '--lease', plot.lease, '--out', stage.kubeconfigFile])
    },
  }
}

async function forwards(stage: Stage, node: Node, product: Product, pod: string): Promise<void> {
  const forward = stage.kubectlRunning(['port-forward', pod, `${PORT}:8080`, '-n', stage.names.app])
  await stream(stage, 'port-forward', forward.saw(/Forwarding/))
  const ask = `fetch('http://127.0.0.1:${PORT}').then(a => a.text()).then(console.log)`
  stage.transcript.command('agent', `node -e "${ask}"`)
  const { stdout, stderr } = await inPod(node, product.agent, ['node', '-e', ask])
  stage.transcript.output(stdout)
  stage.check('the container answers, by its own name', stdout.trim() === pod, stderr)
  await forward.stop()
}

async function debugs(stage: Stage, node: Node, pod: string): Promise<void> {
  const { app } = stage.names
  const container = ['--container=looking', `--image=${node.images.node}`, '--target=web', '--profile=baseline']
  const debug = stage.kubectlRunning(['debug', pod, '-n', app, ...container, '--quiet', '--', 'echo', 'looked around'])
  const question = await until(
    () => waiting(stage),
    id => id !== '',
    ASKED_WITHIN_MS,
  )
  stage.check('a container more in a pod waits for a person', question !== '', debug.output())
  await answer(stage, 'approver', 'approve', question)
  await stream(
    stage,
    'kubectl waits by itself, and has it',
    debug.ended(ENDED_WITHIN_MS).then(() => undefined),
  )
  const said = await until(
    () => stage.kubectl(['logs', pod, '-c', 'looking', '-n', app]),
    ({ stdout }) => stdout.includes('looked around'),
    ENDED_WITHIN_MS,
  )
  stage.check('it ran beside the others', said.stdout.includes('looked around'), `${said.stderr}${debug.output()}`)
}

/** The question about such a container, or nothing. */
async function waiting(stage: Stage): Promise<string> {
  const { stdout } = await stage.leasegate('approver', ['approvals', '-o', 'json'])
  const asked = JSON.parse(stdout || '[]') as readonly { id: string; question: { summary: string } }[]
  return asked.find(({ question }) => question.summary.includes('ephemeralcontainers'))?.id ?? ''
}
