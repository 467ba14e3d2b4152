import { join } from 'node:path'
import type { Report } from '../../../local/toolchain/cache.ts'
import { goTools } from '../../../local/toolchain/go-tools.ts'
import { ensureToolchain, KUBERNETES, kubernetesStamps } from '../../../local/toolchain/toolchain.ts'
import { CHOSEN_CLIENTS, isChosen } from '../matrix/chosen.ts'
import type { Client } from '../matrix/client.ts'

/** Of other ages than the API server: the oldest knows SPDY alone unless it is asked. */
const OTHERS = ['1.30.14', '1.33.13'] as const

async function build(version: string, report: Report): Promise<string> {
  const folder = await goTools({
    name: `kubectl-${version}`,
    module: join(import.meta.dirname, 'versions', version),
    programs: { kubectl: 'k8s.io/kubernetes/cmd/kubectl' },
    stamps: kubernetesStamps(version),
    report,
  })
  return join(folder, 'kubectl')
}

export interface Kubectl {
  readonly version: string
  readonly often: boolean
  readonly ensure: (report: Report) => Promise<string>
}

const KUBECTLS: readonly Kubectl[] = [
  { version: KUBERNETES, often: true, ensure: async report => (await ensureToolchain(report)).kubectl },
  ...OTHERS.map(version => ({ version, often: false, ensure: (report: Report) => build(version, report) })),
]

function idOf({ version }: Kubectl): string {
  return `kubectl-${version.replaceAll('.', '-')}`
}

/** Those of the clients that are tried. */
export function chosenKubectls(names = process.env[CHOSEN_CLIENTS]): readonly Kubectl[] {
  return KUBECTLS.filter(each => isChosen({ id: idOf(each), often: each.often }, names))
}

function toClient(kubectl: Kubectl): Client {
  return {
    id: idOf(kubectl),
    title: '`kubectl`',
    version: kubectl.version,
    often: kubectl.often,
    needs: [],
    prepare: async report => ({
      command: process.execPath,
      args: [join(import.meta.dirname, 'program/main.ts'), await kubectl.ensure(report)],
    }),
    without: {
      'metadata only': 'no way to ask for another form of an answer',
      gzip: 'it unpacks by itself, and says nothing of it',
      'watch after 410 Gone': 'it begins each watch with a list',
      'delete a collection': 'it deletes one by one',
    },
    differs: {},
  }
}

export const KUBECTL_CLIENTS: readonly Client[] = KUBECTLS.map(toClient)
