// What the credential plugin adds to kubectl.
/**
 * What the exec plugin adds to kubectl: `kubectl get pods` through the boundary of a whole edition with a token at hand, and with the plugin,
 * which kubectl starts for each command; the plugin as the source, as the packed program on the Node.js of this machine and on the
 * project's own, and as the single file; where it asks the broker, and where it has kept a token of a command before. By turns in one run;
 * CPU and time, the least and the median. Beside them the plugin and an empty Node.js alone.
 * npm run bench -- plugin [rounds; default 15]
 */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse, stringify } from 'yaml'
import { type Ran, run } from '../../../local/process/run.ts'
import { ensureToolchain } from '../../../local/toolchain/toolchain.ts'
import { anEdition } from '../../e2e/an-edition.ts'
import { installClient, singleClient } from '../../support/programs/installed-client.ts'
import { nodeOfTheMachine } from '../../support/programs/node-of-the-machine.ts'

const ROUNDS = Number(process.argv[2] ?? 15)

const { kubectl } = await ensureToolchain(() => undefined)
const playing = await anEdition()
await using installed = await installClient()
await using single = await singleClient()
const { edition } = playing
const lease = await playing.lease(edition.names.inspect)
const token = await playing.token(lease)
const program = join(installed.folder, 'dist/leasegate.cjs')
const get = ['get', 'pods', '-n', edition.names.app, '-o', 'name']

/** The kubeconfig that `leasegate kubeconfig` wrote, with another program as its plugin. */
async function kubeconfigWith(name: string, before: readonly string[]): Promise<string> {
  const config = parse(await readFile(playing.stage.kubeconfigFile, 'utf8'))
  const { exec } = config.users[0].user
  const [command, ...args] = [...before, 'credential', '--lease', lease]
  Object.assign(exec, { command, args })
  const file = join(edition.directory, `${name}.kubeconfig`)
  await writeFile(file, stringify(config), { mode: 0o600 })
  return file
}

const plain = ['--kubeconfig=/dev/null', `--server=${edition.boundaryUrl}`, `--certificate-authority=${edition.caFile}`]
const packed = {
  here: [nodeOfTheMachine(), program],
  own: [process.execPath, program],
}
/** A process of its own for each, for a token that is kept is given to none twice; it is measured with all that it waited for. */
const below = (command: string, args: readonly string[], more: Readonly<Record<string, string>>) =>
  run('/bin/bash', ['-c', '"$@"; code=$?; times >&2; exit $code', 'bash', command, ...args], { env: more })
const [kept, asking] = [{ XDG_RUNTIME_DIR: edition.directory }, { LEASEGATE_TOKEN_CACHE: 'off' }]
const through =
  (file: string, more: Readonly<Record<string, string>> = asking) =>
  () =>
    below(kubectl, ['--kubeconfig', file, ...get], more)
const env = edition.environments.agent
const alone = (command: string, before: readonly string[], more: Readonly<Record<string, string>>) => () =>
  below(command, [...before, 'credential', '--lease', lease], { ...env, ...more })
const files = {
  here: await kubeconfigWith('here', packed.here),
  own: await kubeconfigWith('own', packed.own),
  single: await kubeconfigWith('single', [single.file]),
}
const WAYS: Readonly<Record<string, () => Promise<Ran>>> = {
  'kubectl, token at hand': () => below(kubectl, [...plain, `--token=${token}`, ...get], {}),
  'kubectl, plugin from source': through(playing.stage.kubeconfigFile),
  'kubectl, packed plugin, Node.js of the machine': through(files.here),
  'kubectl, packed plugin, own Node.js': through(files.own),
  'kubectl, single file': through(files.single),
  'second call (cached): plugin from source': through(playing.stage.kubeconfigFile, kept),
  'second call (cached): Node.js of the machine': through(files.here, kept),
  'second call (cached): own Node.js': through(files.own, kept),
  'second call (cached): single file': through(files.single, kept),
  'plugin alone, single file': alone(single.file, [], asking),
  'plugin alone, single file, cached': alone(single.file, [], kept),
  'plugin alone, packed, own Node.js': alone(process.execPath, [program], asking),
  'plugin alone, packed, own Node.js, cached': alone(process.execPath, [program], kept),
  'an empty Node.js': () => below(process.execPath, ['-e', '0'], {}),
}

interface Took {
  readonly cpu: number[]
  readonly wall: number[]
}

const took = new Map<string, Took>(Object.keys(WAYS).map(name => [name, { cpu: [], wall: [] }]))
// The first round fills caches, and is not counted.
for (let round = -1; round < ROUNDS; round++) {
  for (const [name, way] of Object.entries(WAYS)) {
    const from = performance.now()
    const { code, stderr } = await way()
    const wall = performance.now() - from
    if (code !== 0) throw new Error(`${name}: ${stderr}`)
    if (round < 0) continue
    took.get(name)?.wall.push(wall)
    took.get(name)?.cpu.push(cpuMs(stderr))
  }
}

/** Of the second line that a shell's `times` says, which is of what it waited for: `0m0.05s 0m0.01s`. */
function cpuMs(said: string): number {
  const parts = [...(said.trim().split('\n').at(-1) ?? '').matchAll(/(\d+)m([\d.]+)s/g)]
  return parts.reduce((sum, [, minutes, seconds]) => sum + Number(minutes) * 60_000 + Number(seconds) * 1000, 0)
}

const sorted = (times: readonly number[]) => times.toSorted((a, b) => a - b)
const least = (times: readonly number[]) => sorted(times)[0] ?? 0
const median = (times: readonly number[]) => sorted(times)[Math.floor(times.length / 2)] ?? 0
const base = took.get('kubectl, token at hand') ?? { cpu: [], wall: [] }
for (const [name, { cpu, wall }] of took) {
  const column = (times: readonly number[], to: readonly number[]) =>
    `${least(times).toFixed(0).padStart(4)}, ${median(times).toFixed(0).padStart(4)} ms (${(median(times) / median(to)).toFixed(2)})`
  console.log(`${name.padEnd(48)} CPU ${column(cpu, base.cpu)}   time ${column(wall, base.wall)}`)
}
console.log('least, median (times the median of kubectl with a token)')
await playing.stop()
