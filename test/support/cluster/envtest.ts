import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { type Ran, run } from '../../../local/process/run.ts'
import type { Report } from '../../../local/toolchain/cache.ts'
import { goTools } from '../../../local/toolchain/go-tools.ts'
import { ensureToolchain, type Toolchain } from '../../../local/toolchain/toolchain.ts'

/** A cluster that is somebody else's: nothing of `local/` started it. */
export interface EnvtestCluster {
  readonly toolchain: Toolchain
  readonly directory: string
  readonly kubeconfig: string
  /** kubectl with the administrator's certificate; its output. Throws what it said when it fails. */
  readonly kubectl: (args: readonly string[], input?: string) => Promise<string>
  readonly stop: () => Promise<void>
}

/** The folder that the program is in. */
export function buildEnvtest(report: Report): Promise<string> {
  const module = join(import.meta.dirname, 'envtest')
  return goTools({ name: 'envtest', module, programs: { envtest: '.' }, report })
}

/** kube-apiserver and etcd as controller-runtime's envtest starts them, with more flags of kube-apiserver, `NAME=VALUE`. */
export async function startEnvtest(flags: readonly string[] = []): Promise<EnvtestCluster> {
  const report = (line: string) => void process.stderr.write(`${line}\n`)
  const toolchain = await ensureToolchain(report)
  const built = await buildEnvtest(report)
  const directory = await mkdtemp(join(tmpdir(), 'lg-envtest-'))
  const program = spawn(join(built, 'envtest'), [
    `-etcd=${toolchain.etcd}`,
    `-kube-apiserver=${toolchain.kubeApiserver}`,
    `-kube-controller-manager=${toolchain.kubeControllerManager}`,
    `-directory=${directory}`,
    `-flags=${flags.join(' ')}`,
  ])
  const { kubeconfig } = JSON.parse(await firstLine(program)) as { readonly kubeconfig: string }
  const ask = (args: readonly string[], input?: string) =>
    run(toolchain.kubectl, ['--kubeconfig', kubeconfig, ...args], input === undefined ? {} : { input })
  return {
    toolchain,
    directory,
    kubeconfig,
    kubectl: async (args, input) => succeeded(await ask(args, input)),
    stop: async () => {
      const exited = once(program, 'exit')
      program.stdin.end()
      await exited
      await rm(directory, { recursive: true, force: true })
    },
  }
}

async function firstLine(program: ChildProcessWithoutNullStreams): Promise<string> {
  let said = ''
  program.stderr.setEncoding('utf8').on('data', text => (said += text))
  const lines = createInterface({ input: program.stdout })[Symbol.asyncIterator]()
  const { value, done } = await lines.next()
  if (done === true) throw new Error(`envtest ended: ${said}`)
  return value
}

function succeeded({ code, stdout, stderr }: Ran): string {
  if (code !== 0) throw new Error(stderr)
  return stdout.trim()
}
