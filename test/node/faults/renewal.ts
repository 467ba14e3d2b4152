import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { BOUNDARY_NAMESPACE } from '../../../local/edition/cluster/boundary-namespace.ts'
import type { Node } from '../../../local/node/node.ts'
import { leasegate } from '../../../local/node/product/node-stage.ts'
import { inPod, type Product } from '../../../local/node/product/product.ts'
import { RELEASE } from '../../../local/node/product/release.ts'
import { until } from '../../support/until.ts'
import { requestLease } from '../load/under-load.ts'
import { asked, HERE, podsOf } from './parts.ts'

const MAIN = join(import.meta.dirname, '../../../src/main.ts')
/** The kubelet takes a minute and more to show a Secret. */
const SEEN_WITHIN_MS = 240_000
const SERVERS = { envoy: 10_443, authorizer: 9001, broker: 9001, tap: 9001 } as const

/** Everybody shows a new certificate, without a restart. */
export async function renewCertificates(node: Node, upgrade: () => Promise<void>): Promise<void> {
  const before = await shown(node)
  const secrets = ['server', 'envoy', 'authorizer', 'tap', 'broker'].map(part => `${RELEASE}-${part}-tls`)
  await asked(node, ['delete', 'secret', ...HERE, ...secrets])
  await upgrade()
  const old = async () => Object.values(await shown(node)).filter(print => Object.values(before).includes(print))
  await until('new certificates everywhere', async () => (await old()).length === 0, SEEN_WITHIN_MS)
}

/** Fingerprints by who shows them, one for each pod, as Envoy's pod sees them. */
async function shown(node: Node): Promise<Readonly<Record<string, string>>> {
  const targets: string[] = []
  for (const [part, port] of Object.entries(SERVERS)) {
    for (const pod of await podsOf(node, part)) {
      const address = await asked(node, ['get', 'pod', pod, ...HERE, '-o', 'jsonpath={.status.podIP}'])
      targets.push(`${address}:${port}`)
    }
  }
  const companion = ['exec', '-n', BOUNDARY_NAMESPACE, `deployment/${RELEASE}-envoy`, '-c', 'companion', '--']
  const prints = await asked(node, [...companion, '/nodejs/bin/node', '-e', FINGERPRINTS, ...targets])
  return JSON.parse(prints) as Record<string, string>
}

const FINGERPRINTS = `
  const print = target => new Promise((resolve, reject) => {
    const [host, port] = target.split(':')
    const socket = require('node:tls').connect({ host, port, rejectUnauthorized: false }, () => {
      resolve([target, socket.getPeerCertificate().fingerprint256])
      socket.destroy()
    })
    socket.on('error', reject)
  })
  Promise.all(process.argv.slice(1).map(print)).then(all => console.log(JSON.stringify(Object.fromEntries(all))))`

/** New leases are signed with a new key, and it opens the boundary. */
export async function rotateKeys(node: Node, product: Product): Promise<void> {
  const rotate = () =>
    node.place.run(process.execPath, [
      ...[MAIN, 'keys', 'rotate', '--secret', `${BOUNDARY_NAMESPACE}/${RELEASE}-keys`],
      ...['--kubeconfig', node.adminKubeconfig],
    ])
  const before = await signer(node, product)
  const added = await rotate()
  if (added.code !== 0) throw new Error(added.stderr)
  // It refuses until everybody can have read what it added.
  const taken = async () => {
    await pause(5000)
    return (await rotate()).code === 0
  }
  await until('it to sign', taken, SEEN_WITHIN_MS)
  await until('a lease signed anew', async () => (await signer(node, product)) !== before, SEEN_WITHIN_MS)
  const id = await requestLease(node, product, product.names.inspect)
  const list = `leasegate kubeconfig --lease ${id} --out anew && kubectl --kubeconfig anew get pods -n ${product.names.app}`
  const { code, stderr } = await inPod(node, product.agent, ['sh', '-c', list])
  if (code !== 0) throw new Error(stderr)
}

/** The key by which a new lease's credential is signed. */
async function signer(node: Node, product: Product): Promise<string> {
  const id = await requestLease(node, product, product.names.inspect)
  const { stdout, stderr } = await leasegate(node, product, 'agent', ['credential', '--lease', id])
  await leasegate(node, product, 'agent', ['lease', 'revoke', id, '--reason', 'done'])
  if (stdout === '') throw new Error(stderr)
  const { status } = JSON.parse(stdout) as { readonly status: { readonly token: string } }
  const [head = ''] = status.token.split('.')
  return (JSON.parse(Buffer.from(head, 'base64url').toString()) as { readonly kid: string }).kid
}
