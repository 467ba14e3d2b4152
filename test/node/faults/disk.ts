import { BOUNDARY_NAMESPACE } from '../../../local/edition/cluster/boundary-namespace.ts'
import type { Node } from '../../../local/node/node.ts'
import { RELEASE } from '../../../local/node/product/release.ts'
import { until } from '../../support/until.ts'
import { asked, HERE, podsOf, ready } from './parts.ts'

const PLENTY = '2G'
const WITHIN_MS = 120_000
/** A failure that the tap did not get over by trying again. */
const FAILING_SECONDS = 5

export interface Disk {
  readonly fill: () => Promise<void>
  readonly empty: () => Promise<void>
}

/** Puts the tap onto a disk whose size can be changed, with all that it had. */
export async function onDiskOfItsOwn(node: Node): Promise<Disk> {
  const folder = await volumeOf(node, `${RELEASE}-tap`)
  const scale = (to: number) => asked(node, ['scale', `deployment/${RELEASE}-tap`, ...HERE, `--replicas=${to}`])
  await scale(0)
  await until('the tap to be gone', async () => (await podsOf(node, 'tap')).length === 0, WITHIN_MS)
  await node.place.must('sh', ['-c', MOVE, folder, PLENTY])
  await scale(1)
  await ready(node)
  return {
    fill: async () => {
      await node.place.must('sh', ['-c', SHRINK, folder])
      await until('the tap to fail', async () => (await failingSeconds(node)) > FAILING_SECONDS, WITHIN_MS)
    },
    empty: async () => {
      await node.place.must('mount', ['-o', `remount,size=${PLENTY}`, folder])
      await until('the tap to write again', async () => (await failingSeconds(node)) === 0, WITHIN_MS)
    },
  }
}

const MOVE = 'cp -a $0 $0.kept && mount -t tmpfs -o size=$1 tmpfs $0 && cp -a $0.kept/. $0'
/** Refused where more was written in the meantime. */
const SHRINK = 'until mount -o remount,size=$(df -B1 --output=used $0 | tail -1) $0; do :; done'

async function volumeOf(node: Node, claim: string): Promise<string> {
  const volume = await asked(node, ['get', 'pvc', claim, ...HERE, '-o', 'jsonpath={.spec.volumeName}'])
  return asked(node, ['get', 'pv', volume, '-o', 'jsonpath={.spec.local.path}'])
}

const METRICS = `fetch('http://127.0.0.1:9090/metrics').then(answer => answer.text()).then(text => console.log(text))`

async function failingSeconds(node: Node): Promise<number> {
  const program = ['/nodejs/bin/node', '-e', METRICS]
  const metrics = await asked(node, ['exec', '-n', BOUNDARY_NAMESPACE, `deployment/${RELEASE}-tap`, '--', ...program])
  return Number(/^leasegate_record_failing_seconds(?:\{.*\})? (\S+)$/m.exec(metrics)?.[1])
}
