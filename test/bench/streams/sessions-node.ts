// What recording costs a session of a real container; Linux, root.
/**
 * kubectl exec and kubectl cp in a container of a real node (kubelet, containerd, kube-apiserver), straight to the API server and through
 * the installed boundary, which records it into the embedded record; by turns, medians of them. CPU is that of all of the node's processes
 * and of kubectl, until what was recorded is in the record, less what they take while nothing is asked of them. Needs what test/node needs;
 * where that is missing it says so.
 * npm run bench -- sessions-node [megabytes of one session; default 100] [turns; default 3] [sessions at once; default 20]
 */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { BOUNDARY_NAMESPACE } from '../../../local/edition/cluster/boundary-namespace.ts'
import type { Node } from '../../../local/node/node.ts'
import { whyNoNode } from '../../../local/node/packages.ts'
import { inPod, type Product } from '../../../local/node/product/product.ts'
import { BOUNDARY_HOST, RELEASE } from '../../../local/node/product/release.ts'
import { whyNoRights } from '../../../local/node/rights.ts'
import { requestLease } from '../../node/load/under-load.ts'
import { SHELL } from '../../node/shell/shell-template.ts'
import { type Started, startNodeWithProduct } from '../../node/start.ts'
import { until } from '../../support/until.ts'
import { cpuOfParts, PARTS, type Part, processesOfNode, residentOfParts } from './sessions-node/node-processes.ts'

const MB = 1_000_000
const SIZE = Number(process.argv[2] ?? 100)
const TURNS = Number(process.argv[3] ?? 3)
const AT_ONCE = Number(process.argv[4] ?? 20)
const FIRST_BYTES = 15
const WAYS = ['straight', 'recorded'] as const
type Way = (typeof WAYS)[number]

/** Lines of a log, each another one. */
const LINES = `
  const { openSync, writeSync } = require('node:fs')
  const file = openSync('/tmp/shown', 'w')
  let [n, left] = [0, ${SIZE * MB}]
  while (left > 0) {
    let text = ''
    while (text.length < 1e6) {
      n += 1
      const id = (n * 2654435761 % 4294967296).toString(16)
      text += new Date(1.8e12 + n * 7).toISOString() + ' INFO request ' + id + ' of shop/web took ' + n % 977 + ' ms, status ' + (n % 50 ? 200 : 404) + '\\n'
    }
    left -= writeSync(file, text.slice(0, left))
  }`

const say = (line: string): boolean => process.stdout.write(`${line}\n`)
interface Bench {
  readonly node: Node
  /** Arguments of kubectl. */
  readonly access: Readonly<Record<Way, readonly string[]>>
  readonly namespace: string
  readonly pod: string
  readonly directory: string
  /** CPU that each part takes while nothing is asked of the node, of one processor. */
  readonly idle: Readonly<Record<Part, number>>
}

async function measure(): Promise<void> {
  const started = await startNodeWithProduct({ readyAtOnce: true })
  try {
    const bench = await prepare(started)
    const { pod, directory, namespace } = bench
    const inside = (command: string) => ['exec', '-n', namespace, '-c', 'web', pod, '--', 'sh', '-c', command]
    await compare(bench, `kubectl exec, ${SIZE} MB of output`, SIZE, () => inside('cat /tmp/shown'))
    const local = join(directory, 'copied')
    await compare(bench, `kubectl cp of ${SIZE} MB out of it`, SIZE, () => [
      'cp',
      '-n',
      namespace,
      '-c',
      'web',
      `${pod}:/tmp/shown`,
      local,
    ])
    await compare(bench, `kubectl cp of ${SIZE} MB into it`, SIZE, () => [
      'cp',
      '-n',
      namespace,
      '-c',
      'web',
      local,
      `${pod}:/tmp/given`,
    ])
    const each = Math.round((SIZE * MB) / AT_ONCE)
    await compare(
      bench,
      `${AT_ONCE} at once, ${SIZE} MB in all`,
      SIZE,
      () => inside(`head -c ${each} /tmp/shown`),
      AT_ONCE,
    )
    await compareShort(bench, () => inside('echo said'))
  } finally {
    await started.stop()
  }
}

/** The same kubectl for both ways, in the node's network. */
async function prepare({ node, product, directory }: Started): Promise<Bench> {
  const { names, agent } = product
  const lease = await aLease(node, product)
  const { stdout } = await inPod(node, agent, ['leasegate', 'credential', '--lease', lease])
  const { status } = JSON.parse(stdout) as { readonly status: { readonly token: string } }
  const caFile = join(directory, 'boundary-ca.crt')
  await writeFile(caFile, (await inPod(node, agent, ['cat', '/ca/ca.crt'])).stdout)
  const service = ['get', 'service', `${RELEASE}-envoy`, '-n', BOUNDARY_NAMESPACE, '-o', 'jsonpath={.spec.clusterIP}']
  const server = `https://${(await node.admin(service)).stdout}`
  const boundary = [`--server=${server}`, `--tls-server-name=${BOUNDARY_HOST}`, `--certificate-authority=${caFile}`]
  const listed = await node.admin(['get', 'pods', '-n', names.app, '-o', 'name'])
  const pod = listed.stdout.split('\n')[0]?.replace('pod/', '') ?? ''
  const made = await node.admin(['exec', '-n', names.app, '-c', 'web', pod, '--', 'node', '-e', LINES])
  if (made.code !== 0) throw new Error(made.stderr)
  const bench = {
    node,
    access: { straight: ['--kubeconfig', node.adminKubeconfig], recorded: [...boundary, `--token=${status.token}`] },
    namespace: names.app,
    pod,
    directory,
  }
  const inside = ['exec', '-n', names.app, '-c', 'web', pod, '--', 'true']
  // Envoy learns by DNS that a recorder is there, which may take half a minute.
  const begins = () => timed(bench, 'recorded', inside).then(() => true)
  await until('a session', () => begins().catch(() => false), 120_000)
  return { ...bench, idle: await idle(node) }
}

const IDLE_MS = 15_000

async function idle({ place }: Node): Promise<Record<Part, number>> {
  const processes = processesOfNode(place.pid)
  const before = cpuOfParts(processes)
  await wait(IDLE_MS)
  const after = cpuOfParts(processes)
  return Object.fromEntries(PARTS.map(part => [part, (after[part] - before[part]) / IDLE_MS])) as Record<Part, number>
}

/** The broker may be on its way yet. */
async function aLease(node: Node, product: Product): Promise<string> {
  let id = ''
  await until(
    'a lease',
    async () => {
      id = await requestLease(node, product, SHELL).catch(() => '')
      return id !== ''
    },
    120_000,
  )
  return id
}

interface Turn {
  readonly seconds: number
  /** Of kubectl and of each part, milliseconds. */
  readonly cpu: Readonly<Record<Part | 'kubectl', number>>
  readonly resident: Readonly<Record<Part, number>>
}

async function compare(
  bench: Bench,
  what: string,
  mb: number,
  args: () => readonly string[],
  atOnce = 1,
): Promise<void> {
  const turns = new Map<Way, Turn[]>(WAYS.map(way => [way, []]))
  for (const way of WAYS) await one(bench, way, args(), atOnce)
  for (let turn = 0; turn < TURNS; turn++)
    for (const way of WAYS) turns.get(way)?.push(await one(bench, way, args(), atOnce))
  say(`\n${what}`)
  for (const [way, taken] of turns) {
    const cpu = (['kubectl', ...PARTS] as const).map(part => ({
      part,
      ms: median(taken.map(each => each.cpu[part])) / mb,
    }))
    const all = cpu.reduce((sum, { ms }) => sum + ms, 0)
    const each = cpu.map(({ part, ms }) => `${part} ${ms.toFixed(1)}`).join(', ')
    const resident = (part: Part) => Math.max(...taken.map(turn => turn.resident[part]))
    const memory = `Envoy ${resident('envoy')} MB, tap ${resident('tap')} MB resident`
    say(
      `  ${way}: ${(mb / median(taken.map(({ seconds }) => seconds))).toFixed(1)} MB/s; CPU ms/MB: ${all.toFixed(1)} (${each}); ${memory}`,
    )
  }
}

async function one(bench: Bench, way: Way, args: readonly string[], atOnce: number): Promise<Turn> {
  const processes = processesOfNode(bench.node.place.pid)
  const before = cpuOfParts(processes)
  const from = performance.now()
  const ran = await Promise.all(Array.from({ length: atOnce }, () => timed(bench, way, args)))
  const resident = residentOfParts(processes)
  // What is kept is brought into the record behind it, which is part of what it costs.
  await untilQuiet(() => cpuOfParts(processes).tap)
  const after = cpuOfParts(processes)
  const took = performance.now() - from
  const parts = PARTS.map(part => [part, after[part] - before[part] - took * bench.idle[part]] as const)
  const kubectl = ran.reduce((sum, each) => sum + each.cpuMs, 0)
  const cpu = { ...Object.fromEntries(parts), kubectl } as Turn['cpu']
  return { seconds: Math.max(...ran.map(({ seconds }) => seconds)), cpu, resident }
}

/** bash counts what kubectl takes. */
async function timed({ node, access }: Pick<Bench, 'node' | 'access'>, way: Way, args: readonly string[]) {
  const script = 'TIMEFORMAT="%R %U %S"; { time "$@" >/dev/null; } 2>&1'
  const { stdout } = await node.place.run('/bin/bash', ['-c', script, 'bash', node.kubectl, ...access[way], ...args])
  const said = stdout.trim().split('\n').at(-1) ?? ''
  const [seconds = Number.NaN, user = Number.NaN, system = Number.NaN] = said.split(' ').map(Number)
  const lines = stdout
    .trim()
    .split('\n')
    .filter(line => !line.includes('Removing leading'))
  if (Number.isNaN(system) || lines.length !== 1) throw new Error(`kubectl ${args.join(' ')}: ${stdout}`)
  return { seconds, cpuMs: (user + system) * 1000 }
}

async function compareShort(bench: Bench, args: () => readonly string[]): Promise<void> {
  const taken = new Map<Way, number[]>(WAYS.map(way => [way, []]))
  for (let turn = 0; turn < FIRST_BYTES; turn++)
    for (const way of WAYS) taken.get(way)?.push((await timed(bench, way, args())).seconds * 1000)
  say('\nkubectl exec of a command that says one word, from its start to its end')
  for (const [way, each] of taken) say(`  ${way}: ${median(each).toFixed(0)} ms median`)
}

async function untilQuiet(cpu: () => number): Promise<void> {
  await until(
    'the tap to be done',
    async () => {
      const before = cpu()
      await wait(1500)
      return cpu() - before < 75
    },
    120_000,
  )
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}

const why = whyNoNode() ?? (await whyNoRights())
if (why === null) await measure()
else say(`not measured here: ${why}`)
