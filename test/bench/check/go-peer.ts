import { join } from 'node:path'
import type { Report } from '../../../local/toolchain/cache.ts'
import { goTools } from '../../../local/toolchain/go-tools.ts'

/** The program of `go-peer`, built as the rest of the toolchain is, and for this alone. */
export async function ensureGoPeer(report: Report): Promise<string> {
  const folder = await goTools({
    name: 'bench-go-peer',
    module: join(import.meta.dirname, 'go-peer'),
    programs: { 'go-peer': '.' },
    report,
  })
  return join(folder, 'go-peer')
}
