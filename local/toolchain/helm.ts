import { join } from 'node:path'
import type { Report } from './cache.ts'
import { goTools } from './go-tools.ts'

const HELM = '4.3.1'

/** Helm, for the tests of charts and of what clients can do: nothing that runs needs it. */
export async function ensureHelm(report: Report): Promise<string> {
  const folder = await goTools({
    name: `helm-${HELM}`,
    module: join(import.meta.dirname, 'go/helm'),
    programs: { helm: 'helm.sh/helm/v4/cmd/helm' },
    stamps: { 'helm.sh/helm/v4/internal/version.version': `v${HELM}` },
    report,
  })
  return join(folder, 'helm')
}
