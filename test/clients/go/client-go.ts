import { join } from 'node:path'
import type { Report } from '../../../local/toolchain/cache.ts'
import { goTools } from '../../../local/toolchain/go-tools.ts'
import type { Line } from '../client-program.ts'

export interface ClientGoSaid extends Line {
  readonly resource?: string
  readonly name?: string
  readonly error?: string
  readonly count?: number
  readonly replicas?: number
  readonly path?: string
  readonly watch?: boolean
  readonly status?: number
  readonly protocol?: string
  /** Media types of a request's body and of its answer's. */
  readonly sent?: string
  readonly type?: string
  readonly known?: readonly string[]
  readonly delay?: boolean
  readonly seconds?: number
  readonly causes?: Readonly<Record<string, string>>
}

export async function buildClientGo(report: Report = line => void process.stderr.write(`${line}\n`)): Promise<string> {
  const folder = await goTools({
    name: 'client-go-program',
    module: join(import.meta.dirname, 'program'),
    programs: { 'client-go': '.' },
    report,
  })
  return join(folder, 'client-go')
}
