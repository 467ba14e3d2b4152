import { BOUNDARY_NAMESPACE } from '../../local/edition/cluster/boundary-namespace.ts'
import { whyNoNode } from '../../local/node/packages.ts'
import { CHART, RELEASE } from '../../local/node/product/release.ts'
import { whyNoRights } from '../../local/node/rights.ts'
import { settled, underLoad } from '../node/load/under-load.ts'
import { startNodeWithProduct } from '../node/start.ts'
import { until } from '../support/until.ts'

/**
 * A real node under load while each part is replaced, an upgrade replaces all of them, and a rollback does; then the release goes. With one of
 * each part, so that the node is not drained: test/long/node-faults.ts does that.
 * No request may fail and no outcome may be lost.
 * node test/long/node-rollouts.ts [requests a second, default 30]
 */
const PER_SECOND = Number(process.argv[2] ?? 30)
const PARTS = ['authorizer', 'broker', 'envoy', 'tap'] as const
const ROLLED_OUT_WITHIN = '--timeout=300s'

const why = whyNoNode() ?? (await whyNoRights())
if (why !== null) {
  console.log(`not run here: ${why}`)
  process.exit()
}
const { node, product, stop } = await startNodeWithProduct({ readyAtOnce: false })
const faults: string[] = []
try {
  for (const part of PARTS) {
    await scenario(`restart of ${part}`, () => restart(part))
  }
  await scenario('upgrade of all parts', () => upgrade('one'))
  await scenario('rollback of all parts', () => helm(['rollback', RELEASE, '--wait', '--timeout', '300s']))
  await helm(['uninstall', RELEASE, '--wait', '--timeout', '120s'])
  await until('all pods to be gone', async () => (await pods()) === '', 120_000)
  console.log('uninstalled')
} finally {
  await stop()
}
if (faults.length > 0) throw new Error(faults.join('\n'))

async function scenario(what: string, happens: () => Promise<void>): Promise<void> {
  const begin = performance.now()
  const load = await underLoad(node, product, PER_SECOND, happens)
  const { sent, held, watches, failures } = load
  const seconds = Math.round((performance.now() - begin) / 1000)
  const record = await settled(node, product, load).catch((error: Error) => {
    faults.push(`${what}: ${error.message}`)
    return null
  })
  console.log(JSON.stringify({ what, seconds, sent, held, watches, failed: failures.length, states: record?.states }))
  for (const failure of failures.slice(0, 10)) console.log(`  ${failure}`)
  if (failures.length > 0) faults.push(`${what}: ${failures.length} requests failed`)
  if ((record?.unknown ?? 0) > 0) faults.push(`${what}: outcomes were lost: ${JSON.stringify(record?.states)}`)
}

async function restart(part: string): Promise<void> {
  const deployment = `deployment/${RELEASE}-${part}`
  for (const verb of [['restart'], ['status', ROLLED_OUT_WITHIN]] as const) {
    const [name, ...more] = verb
    const { code, stderr } = await node.admin(['rollout', name, deployment, '-n', BOUNDARY_NAMESPACE, ...more])
    if (code !== 0) throw new Error(stderr)
  }
  await until(`the old ${part} to be gone`, async () => !(await pods()).includes('true'), 120_000)
}

async function upgrade(mark: string): Promise<void> {
  const annotations = PARTS.flatMap(part => ['--set', `${part}.podAnnotations.mark=${mark}`])
  const values = ['--values', product.valuesFile, ...annotations]
  await helm(['upgrade', RELEASE, CHART, ...values, '--wait', '--timeout', '300s'])
  await until('the old pods to be gone', async () => !(await pods()).includes('true'), 120_000)
}

async function helm(args: readonly string[]): Promise<void> {
  // Without --debug helm does not say why.
  const { code, stderr } = await product.helm([...args, '--debug'])
  if (code !== 0) throw new Error(stderr)
}

/** A line each; those that are on their way out say `true`. */
async function pods(): Promise<string> {
  const ending = '{.metadata.name} {.metadata.deletionTimestamp}{"\\n"}'
  const path = `jsonpath={range .items[?(@.metadata.ownerReferences[0].kind!="Job")]}${ending}{end}`
  const { stdout } = await node.admin(['get', 'pods', '-n', BOUNDARY_NAMESPACE, '-o', path])
  return stdout.replaceAll(/ \d{4}-\S+$/gm, ' true')
}
