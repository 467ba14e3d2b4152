import { setTimeout as pause } from 'node:timers/promises'
import { whyNoNode } from '../../local/node/packages.ts'
import { CHART, RELEASE } from '../../local/node/product/release.ts'
import { whyNoRights } from '../../local/node/rights.ts'
import { onDiskOfItsOwn } from '../node/faults/disk.ts'
import { exhaustMemory } from '../node/faults/memory.ts'
import { allRestarts, asked, drain, evict, kill, ready } from '../node/faults/parts.ts'
import { renewCertificates, rotateKeys } from '../node/faults/renewal.ts'
import { copyAndForward } from '../node/faults/sessions.ts'
import { settled, underLoad } from '../node/load/under-load.ts'
import { startNodeWithProduct } from '../node/start.ts'

/**
 * A real node under load while things happen to it. What is planned fails no request and loses no outcome; a death may fail what was on
 * its way through what died and what it had not written down, of some seconds and no longer.
 * node test/long/node-faults.ts [requests a second, default 10] [only scenarios with one of these in their names, by commas]
 */
const PER_SECOND = Number(process.argv[2] ?? 10)
const ONLY = (process.argv[3] ?? '').split(',')
const WITHOUT_NAMES_MS = 60_000
const [A_MOMENT, SOME_SECONDS] = [Math.ceil(PER_SECOND / 2), 3 * PER_SECOND]
/** There is one store, and its clients look for it again every few seconds. */
const WITHOUT_STORE = 15 * PER_SECOND

const why = whyNoNode() ?? (await whyNoRights())
if (why !== null) {
  console.log(`not run here: ${why}`)
  process.exit()
}
const { node, product, stop } = await startNodeWithProduct({ readyAtOnce: false })
const faults: string[] = []

interface Allowed {
  readonly failed?: number
  /** Requests of which the record does not know how they ended. */
  readonly unknown?: number
}

/** By who dies: what was on its way through that one, and what it had not told yet. */
const DYING: Readonly<Record<string, Allowed>> = {
  authorizer: { failed: A_MOMENT },
  broker: {},
  companion: {},
  envoy: { failed: SOME_SECONDS, unknown: SOME_SECONDS },
  tap: { unknown: A_MOMENT },
}

async function scenario(what: string, happens: () => Promise<void>, allowed: Allowed = {}): Promise<void> {
  if (!ONLY.some(part => what.includes(part))) return
  const begin = performance.now()
  try {
    const load = await underLoad(node, product, PER_SECOND, async () => {
      await happens()
      await ready(node)
    })
    const seconds = Math.round((performance.now() - begin) / 1000)
    const { states, unknown } = await settled(node, product, load)
    const { sent, held, watches, failures } = load
    console.log(JSON.stringify({ what, seconds, sent, held, watches, failed: failures.length, states }))
    for (const failure of failures.slice(0, 5)) console.log(`  ${failure}`)
    if (failures.length > (allowed.failed ?? 0)) faults.push(`${what}: ${failures.length} of ${sent} requests failed`)
    if (unknown > (allowed.unknown ?? 0)) faults.push(`${what}: ${unknown} of ${sent} outcomes are unknown`)
  } catch (error) {
    console.log(`${what}: ${error}`)
    faults.push(`${what}: ${error}`)
  }
}

/** Two of each part that may be two: as in production. */
async function upgrade(): Promise<void> {
  const values = ['--values', product.valuesFile, '--set', 'embedded.replicas=2']
  const { code, stderr } = await product.helm(['upgrade', RELEASE, CHART, ...values, '--wait', '--timeout', '300s'])
  if (code !== 0) throw new Error(stderr)
}

/** Nobody restarts for want of names. */
async function withoutNames(): Promise<void> {
  const scale = (to: number) => asked(node, ['scale', 'deployment/coredns', '-n', 'kube-system', `--replicas=${to}`])
  const before = await allRestarts(node)
  await scale(0)
  await pause(WITHOUT_NAMES_MS)
  await scale(1)
  await asked(node, ['rollout', 'status', 'deployment/coredns', '-n', 'kube-system', '--timeout=60s'])
  const after = await allRestarts(node)
  if (after !== before) faults.push(`without names ${after} restarts instead of ${before}`)
}

async function fullDisk(): Promise<void> {
  const disk = await onDiskOfItsOwn(node)
  await disk.fill()
  await disk.empty()
}

try {
  await upgrade()
  await scenario('100 MB copied, a port forwarded', () => copyAndForward(node, product))
  for (const part of ['authorizer', 'broker']) await scenario(`eviction of ${part}`, () => evict(node, part))
  await scenario('eviction of envoy', () => evict(node, 'envoy'))
  await scenario('eviction of tap', () => evict(node, 'tap'))
  await scenario('drain of the node', () => drain(node))
  for (const [part, allowed] of Object.entries(DYING))
    await scenario(`kill -9 of ${part}`, () => kill(node, part), allowed)
  await scenario('kill -9 of valkey', () => kill(node, 'valkey'), { failed: WITHOUT_STORE })
  for (const [part, allowed] of Object.entries(DYING)) {
    await scenario(`no memory for ${part}`, () => exhaustMemory(node, part), allowed)
  }
  await scenario('no names for a minute', withoutNames)
  await scenario('a full disk under the record', fullDisk)
  await scenario('certificates made anew', () => renewCertificates(node, upgrade))
  await scenario('keys rotated', () => rotateKeys(node, product))
} finally {
  await stop()
}
if (faults.length > 0) throw new Error(faults.join('\n'))
