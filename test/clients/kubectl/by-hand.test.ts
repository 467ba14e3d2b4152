import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { delimiter, dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { type Ran, run } from '../../../local/process/run.ts'
import type { TestEdition } from '../../e2e/an-edition.ts'
import { until } from '../../support/until.ts'
import { aClientsEdition, unrecorded } from '../a-clients-edition.ts'
import { administratorsKubeconfig } from '../matrix/administrator.ts'
import { WRITE_RESULTS } from '../matrix/results.ts'
import { readByHand, toLine, writeByHand } from './by-hand.ts'
import { chosenKubectls } from './clients.ts'
import { DRAINS, OTHERWISE, STEPS, type Step } from './steps.ts'

const WITHIN = 120_000

/** The same by hand, past the boundary and through it. */
interface Way {
  readonly kubeconfig: string
  readonly namespace: string
}

let playing: TestEdition
let direct: Way
let through: Way
let files: string
const leases: string[] = []

beforeAll(async () => {
  playing = await aClientsEdition(namespace => [
    {
      name: 'operate',
      namespaces: [namespace],
      rules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }],
      approval: { skip: ['workload-code'] },
      maxTtl: '1h',
      maxLeases: 5,
    },
    {
      name: 'tend-nodes',
      namespaces: ['*'],
      rules: [
        { verbs: ['get', 'list'], apiGroups: [''], resources: ['pods'] },
        { verbs: ['create'], apiGroups: [''], resources: ['pods/eviction'] },
        { scope: 'cluster', verbs: ['get', 'list', 'patch'], apiGroups: [''], resources: ['nodes'] },
      ],
      maxTtl: '1h',
      maxLeases: 5,
    },
  ])
  const { names, directory } = playing.edition
  files = join(directory, 'by-hand')
  await writeFiles()
  direct = { kubeconfig: await administratorsKubeconfig(playing.edition), namespace: names.foreign }
  through = { kubeconfig: playing.stage.kubeconfigFile, namespace: names.app }
}, 600_000)
afterAll(() => playing?.stop())

const labels = { app: 'hand' }

function deployment(image: string) {
  const spec = { automountServiceAccountToken: false, containers: [{ name: 'hand', image }] }
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'hand', labels },
    spec: { replicas: 1, selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
  }
}

const PLUGIN = `#!/bin/sh
# As krew installs them: found by its name, and works with the same kubeconfig.
exec kubectl get deployments --selector app=hand --output name "$@"
`

async function writeFiles(): Promise<void> {
  await mkdir(join(files, 'bin'), { recursive: true })
  await writeFile(join(files, 'one.yaml'), stringify(deployment('hand:1')))
  await writeFile(join(files, 'two.yaml'), stringify(deployment('hand:2')))
  const settings = { configMapGenerator: [{ name: 'settings', literals: ['colour=green'] }], namePrefix: 'made-' }
  await writeFile(join(files, 'kustomization.yaml'), stringify(settings))
  await writeFile(join(files, 'letter.txt'), 'by hand\n')
  await writeFile(join(files, 'editor'), '#!/bin/sh\nexec sed -i s/green/blue/ "$1"\n')
  await writeFile(join(files, 'bin/kubectl-hands'), PLUGIN)
  for (const name of ['editor', 'bin/kubectl-hands']) await chmod(join(files, name), 0o755)
}

function kubectl(program: string, { kubeconfig, namespace }: Way, args: readonly string[]): Promise<Ran> {
  // Plugins come first of all, and find their kubectl.
  const PATH = [dirname(program), join(files, 'bin'), process.env['PATH']].join(delimiter)
  const env = { PATH, KUBECONFIG: kubeconfig, EDITOR: join(files, 'editor'), KUBECACHEDIR: `${kubeconfig}.cache` }
  return run(program, [...args.slice(0, 1), '--namespace', namespace, ...args.slice(1)], { env, cwd: files })
}

/** What each was seen to do as directly. */
const same = new Map<string, string[]>()

/** Past the boundary and through it, and both end well. */
async function both(version: string, program: string, { args, says, code = 0 }: Step, node = ''): Promise<void> {
  for (const way of [direct, through]) {
    const given = args(await aPod(way)).map(arg => arg.replace('NODE', node))
    const ran = await kubectl(program, way, given)
    expect({ given, way, ran }).toMatchObject({ ran: { code } })
    expect(`${ran.stdout}${ran.code === 0 ? '' : ran.stderr}`, ran.stderr).toMatch(says)
  }
  same.set(version, [...(same.get(version) ?? []), toLine(args('POD'))])
}

async function aPod(way: Way): Promise<string> {
  const which = ['-n', way.namespace, '-l', 'app=hand', '--field-selector=status.phase=Running']
  const asked = ['get', 'pods', ...which, '-o', 'jsonpath={.items[0].metadata.name}']
  return (await playing.edition.cluster.admin(asked)).stdout
}

describe.each(chosenKubectls())('kubectl $version, by hand', ({ version, ensure }) => {
  let program: string
  let lease: string

  beforeAll(async () => {
    program = await ensure(line => void process.stderr.write(`${line}\n`))
    lease = await playing.lease('operate')
    leases.push(lease)
  }, 1_200_000)

  test(
    'does the same through the boundary as directly',
    async () => {
      for (const step of STEPS) await both(version, program, step)
    },
    5 * WITHIN,
  )

  test(
    'is told what is otherwise',
    async () => {
      const made = await playing.edition.cluster.admin([
        'apply',
        '-n',
        through.namespace,
        '-f',
        join(files, 'one.yaml'),
      ])
      expect(made.stderr).toBe('')
      await until('a pod', async () => (await aPod(through)) !== '')
      for (const { name, args, says, code = 0 } of OTHERWISE) {
        const ran = await kubectl(program, through, args(await aPod(through)))
        expect({ name, ran }).toMatchObject({ ran: { code } })
        expect(`${ran.stdout}${ran.stderr}`, name).toMatch(says)
      }
    },
    WITHIN,
  )

  test(
    'drains a node as a dry run under a lease for nodes',
    async () => {
      leases.push(await playing.lease('tend-nodes', '--namespace', '*'))
      const node = (await playing.edition.cluster.admin(['get', 'nodes', '-o', 'jsonpath={.items[0].metadata.name}']))
        .stdout
      for (const step of DRAINS) await both(version, program, step, node)
    },
    WITHIN,
  )
})

describe('the record', () => {
  test(
    'has all that the API server saw of them',
    async () => {
      await until('every request', async () => (await unrecorded(playing, leases)).length === 0, WITHIN)
    },
    2 * WITHIN,
  )
})

describe('the page about clients', () => {
  test('has what was seen', () => {
    const seen = chosenKubectls().map(({ version }) => ({ version, same: same.get(version) ?? [] }))
    if (process.env[WRITE_RESULTS] !== undefined) writeByHand(seen)
    const written = readByHand().filter(row => seen.some(({ version }) => version === row.version))
    expect(seen).toEqual(written)
  })
})
