import type { Node } from '../../../local/node/node.ts'
import { HOME } from '../../../local/node/product/client-pod.ts'
import { inPod, type Product } from '../../../local/node/product/product.ts'
import { requestLease, settled } from '../load/under-load.ts'
import { SHELL } from '../shell/shell-template.ts'

const FILE_BYTES = 100_000_000
const QUESTIONS = 300

/** 100 MB there and back by `kubectl cp`, while a forwarded port answers one question after the other, six at once. */
export async function copyAndForward(node: Node, product: Product): Promise<void> {
  const { agent, names } = product
  const lease = await requestLease(node, product, SHELL)
  const shell = async (line: string) => {
    const { code, stdout, stderr } = await inPod(node, agent, ['sh', '-c', `export KUBECONFIG=${HOME}/much; ${line}`])
    if (code !== 0) throw new Error(`${line}: ${code} ${stderr}`)
    return stdout.trim()
  }
  const kubectl = `kubectl -n ${names.app}`
  await shell(`leasegate kubeconfig --lease ${lease} --out ${HOME}/much`)
  const pod = (await shell(`${kubectl} get pods -o name`)).split('\n')[0]?.replace('pod/', '') ?? ''
  await shell(`head -c ${FILE_BYTES} /dev/urandom > there`)
  const copy = `${kubectl} cp there ${pod}:/tmp/copied && ${kubectl} cp ${pod}:/tmp/copied back && cmp there back`
  const forward = `${kubectl} port-forward ${pod} 18081:8080 > forwarding & until grep -qs Forwarding forwarding; do sleep 0.1; done; node -e "${ASK}" ${pod}; code=$?; kill $!; exit $code`
  try {
    await Promise.all([shell(copy), shell(forward)])
  } finally {
    const putAway = `rm -f there back forwarding; ${kubectl} exec ${pod} -- rm -f /tmp/copied`
    await shell(`${putAway}; leasegate lease revoke ${lease} --reason done`)
  }
  const { states, unknown } = await settled(node, product, { lease, sent: 0, held: 0, watches: 0, failures: [] })
  if (unknown > 0) throw new Error(`of sessions: ${JSON.stringify(states)}`)
}

const ASK = `
  const ask = async () => {
    const text = await (await fetch('http://127.0.0.1:18081')).text()
    if (text !== process.argv[1]) throw new Error(text)
  }
  const askInTurn = async () => { for (let n = 0; n < ${QUESTIONS} / 6; n += 1) await ask() }
  Promise.all([1, 2, 3, 4, 5, 6].map(askInTurn)).catch(error => { console.error(error); process.exit(1) })`
