import { join } from 'node:path'
import { must } from '../process/must.ts'

const CHART = join(import.meta.dirname, '../../helm/leasegate')

/** Packs the chart and pushes it; answers with its name by digest. */
export async function pushChart(
  helm: string,
  { registry, isHere, version, out }: { registry: string; isHere: boolean; version: string; out: string },
): Promise<string> {
  await must(helm, ['package', CHART, '--version', version, '--app-version', version, '--destination', out])
  const file = join(out, `leasegate-${version}.tgz`)
  const pushed = await must(helm, ['push', file, `oci://${registry}/charts`, ...(isHere ? ['--plain-http'] : [])])
  const digest = /sha256:[0-9a-f]{64}/.exec(pushed)?.[0]
  if (digest === undefined) throw new Error(`helm push said no digest: ${pushed}`)
  return `${registry}/charts/leasegate@${digest}`
}
