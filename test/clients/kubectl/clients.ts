import { join } from 'node:path'
import type { Report } from '../../../local/toolchain/cache.ts'
import { goTools } from '../../../local/toolchain/go-tools.ts'
import { ensureToolchain, KUBERNETES, kubernetesStamps } from '../../../local/toolchain/toolchain.ts'
import type { Client } from '../matrix/client.ts'

/** Of other ages than the API server: the oldest knows SPDY alone unless it is asked. */
const OTHERS = ['1.30.14', '1.31.14', '1.32.13', '1.33.13', '1.34.4', '1.35.4'] as const

/** The binary of one of these. */
export async function olderKubectl(version: (typeof OTHERS)[number], report: Report): Promise<string> {
  return build(version, report)
}

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

function kubectl(version: string, ensure: (report: Report) => Promise<string>, often: boolean): Client {
  return {
    id: `kubectl-${version.replaceAll('.', '-')}`,
    title: '`kubectl`',
    version,
    often,
    needs: [],
    prepare: async report => ({
      command: process.execPath,
      args: [join(import.meta.dirname, 'program/main.ts'), await ensure(report)],
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

export const KUBECTL_CLIENTS: readonly Client[] = [
  kubectl(KUBERNETES, async report => (await ensureToolchain(report)).kubectl, true),
  ...OTHERS.map(version => kubectl(version, report => build(version, report), false)),
]
