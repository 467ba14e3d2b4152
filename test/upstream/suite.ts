import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Ran, run } from '../../local/process/run.ts'
import type { Report } from '../../local/toolchain/cache.ts'
import { goTools } from '../../local/toolchain/go-tools.ts'
import { KUBERNETES, kubernetesStamps } from '../../local/toolchain/toolchain.ts'

/** How a test ended, and the first of what it said of a failure. */
export interface Outcome {
  readonly state: 'passed' | 'failed' | 'skipped'
  readonly said: string
}

/** Whom the tests act as. */
export interface Access {
  readonly kubeconfig: string
  /** Path of kubectl, which the tests of sig-cli run. */
  readonly kubectl: string
}

/** Its own name, which ginkgo puts before that of each test. */
const SUITE = 'Kubernetes e2e suite'

interface Spec {
  readonly ContainerHierarchyTexts: readonly string[] | null
  readonly LeafNodeText: string
  readonly LeafNodeType: string
  readonly State: string
  readonly Failure?: { readonly Message?: string; readonly ForwardedPanic?: string }
}

/** Compiled with all that it tests of Kubernetes, so most of it is in Go's cache once the API server is. */
export async function buildSuite(report: Report = line => void process.stderr.write(`${line}\n`)): Promise<string> {
  const folder = await goTools({
    name: `upstream-${KUBERNETES}`,
    module: join(import.meta.dirname, 'suite'),
    programs: { upstream: '.' },
    stamps: kubernetesStamps(),
    report,
  })
  return join(folder, 'upstream')
}

/** Names of all tests that match, as Kubernetes has them. */
export async function testsOf(program: string, focus: string, access: Access): Promise<readonly string[]> {
  const outcomes = await ginkgo(program, access, ['--ginkgo.dry-run', `--ginkgo.focus=${focus}`])
  return [...outcomes].flatMap(([name, { state }]) => (state === 'passed' ? [name] : [])).sort()
}

/** Runs these tests, one after the other, all of them within this time; what is cut off has failed, and all have where nothing was reported. */
export async function runTests(
  program: string,
  names: readonly string[],
  { withinMs, ...access }: Access & { readonly withinMs: number },
): Promise<ReadonlyMap<string, Outcome>> {
  const focus = names.map(name => `^${SUITE} ${name.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')}$`).join('|')
  const limits = [`--ginkgo.timeout=${Math.round(withinMs / 1000)}s`, '--ginkgo.grace-period=20s']
  return ginkgo(program, access, [`--ginkgo.focus=${focus}`, ...limits]).catch(
    ({ message }: Error) => new Map(names.map(name => [name, { state: 'failed', said: message }])),
  )
}

async function ginkgo(
  program: string,
  { kubeconfig, kubectl }: Access,
  more: readonly string[],
): Promise<ReadonlyMap<string, Outcome>> {
  const directory = await mkdtemp(join(tmpdir(), 'lg-upstream-'))
  const report = join(directory, 'report.json')
  try {
    const ran = await run(
      program,
      [
        `--kubeconfig=${kubeconfig}`,
        `--kubectl-path=${kubectl}`,
        '--provider=skeleton',
        // No daemons of a real cluster are waited for, and no logs of its nodes fetched.
        '--allowed-not-ready-nodes=-1',
        '--disable-log-dump',
        '--dump-logs-on-failure=false',
        `--e2e-output-dir=${directory}`,
        `--ginkgo.json-report=${report}`,
        '--ginkgo.no-color',
        ...more,
      ],
      // What kubectl remembers of a server is another's business.
      { env: { HOME: directory } },
    )
    return toOutcomes(ran, await readFile(report, 'utf8').catch(() => null))
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

/** Of what was to run. What fails before the first test fails all of them. */
function toOutcomes({ stdout, stderr }: Ran, report: string | null): ReadonlyMap<string, Outcome> {
  if (report === null || report === '') {
    throw new Error(`the suite reported nothing: ${stdout.slice(-1000)}${stderr.slice(-1000)}`)
  }
  const suites = JSON.parse(report) as readonly { readonly SpecReports: readonly Spec[] | null }[]
  const specs = suites.flatMap(({ SpecReports }) => SpecReports ?? [])
  const broken = specs.find(({ LeafNodeType, State }) => LeafNodeType.includes('BeforeSuite') && State !== 'passed')
  if (broken !== undefined) throw new Error(`the suite did not begin: ${broken.Failure?.Message}`)
  const tests = specs.filter(({ LeafNodeType }) => LeafNodeType === 'It')
  return new Map(tests.flatMap(spec => toOutcome(spec)))
}

function toOutcome(spec: Spec): readonly (readonly [string, Outcome])[] {
  const name = [...(spec.ContainerHierarchyTexts ?? []), spec.LeafNodeText].join(' ')
  const said = (spec.Failure?.Message ?? spec.Failure?.ForwardedPanic ?? '').slice(0, 600)
  if (spec.State === 'passed') return [[name, { state: 'passed', said: '' }]]
  // Ginkgo lists what was not chosen, too, and says nothing of why.
  if (spec.State === 'skipped' || spec.State === 'pending') {
    return said === '' ? [] : [[name, { state: 'skipped', said }]]
  }
  return [[name, { state: 'failed', said }]]
}
