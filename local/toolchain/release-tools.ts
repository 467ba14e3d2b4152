import { join } from 'node:path'
import type { Report } from './cache.ts'
import { goTools } from './go-tools.ts'

const COSIGN = '3.1.3'
const REGISTRY = '3.1.2'

/** Signs what a release consists of, and says whether it is signed. */
export async function ensureCosign(report: Report): Promise<string> {
  const folder = await goTools({
    name: `cosign-${COSIGN}`,
    module: join(import.meta.dirname, 'go/cosign'),
    programs: { cosign: '.' },
    stamps: { 'sigs.k8s.io/release-utils/version.gitVersion': `v${COSIGN}` },
    report,
  })
  return join(folder, 'cosign')
}

/** A registry on this machine, to try a release against. */
export async function ensureRegistry(report: Report): Promise<string> {
  const folder = await goTools({
    name: `registry-${REGISTRY}`,
    module: join(import.meta.dirname, 'go/registry'),
    programs: { registry: '.' },
    report,
  })
  return join(folder, 'registry')
}
