/**
 * What the exec plugin adds to kubectl: `kubectl get pods` through the boundary of a whole edition with a token at hand, and with the plugin,
 * which kubectl starts for each command; the plugin as the source, as the packed program on the Node.js of this machine and on the
 * project's own, and as the single file. By turns in one run; medians. Beside them the plugin and an empty Node.js alone.
 * node test/bench/plugin.ts [rounds; default 15]
 */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse, stringify } from 'yaml'
import { type Ran, run } from '../../local/process/run.ts'
import { ensureToolchain } from '../../local/toolchain/toolchain.ts'
import { anEdition } from '../e2e/an-edition.ts'
import { installClient, singleClient } from '../support/programs/installed-client.ts'
import { nodeOfTheMachine } from '../support/programs/node-of-the-machine.ts'

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
const through = (file: string) => () => run(kubectl, ['--kubeconfig', file, ...get])
const env = edition.environments.agent
const WAYS: Readonly<Record<string, () => Promise<Ran>>> = {
  'kubectl, token at hand': () => run(kubectl, [...plain, `--token=${token}`, ...get]),
  'kubectl, plugin from source': through(playing.stage.kubeconfigFile),
  'kubectl, packed plugin, Node.js of the machine': through(await kubeconfigWith('here', packed.here)),
  'kubectl, packed plugin, own Node.js': through(await kubeconfigWith('own', packed.own)),
  'kubectl, single file': through(await kubeconfigWith('single', [single.file])),
  'plugin alone, single file': () => run(single.file, ['credential', '--lease', lease], { env }),
  'plugin alone, packed, own Node.js': () =>
    run(packed.own[0] ?? '', [program, 'credential', '--lease', lease], { env }),
  'an empty Node.js': () => run(process.execPath, ['-e', '0']),
}

const took = new Map<string, number[]>(Object.keys(WAYS).map(name => [name, []]))
// The first round fills caches, and is not counted.
for (let round = -1; round < ROUNDS; round++) {
  for (const [name, way] of Object.entries(WAYS)) {
    const from = performance.now()
    const { code, stderr } = await way()
    if (code !== 0) throw new Error(`${name}: ${stderr}`)
    if (round >= 0) took.get(name)?.push(performance.now() - from)
  }
}
const median = (times: readonly number[]) => times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0
const base = median(took.get('kubectl, token at hand') ?? [])
for (const [name, times] of took) {
  const ms = median(times)
  console.log(
    `${name.padEnd(48)} ${ms.toFixed(0).padStart(5)} ms, ${(ms / base).toFixed(2)} times kubectl with a token`,
  )
}
await playing.stop()
