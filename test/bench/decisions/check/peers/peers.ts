import { join } from 'node:path'
import type { Report } from '../../../../../local/toolchain/cache.ts'
import { goTools } from '../../../../../local/toolchain/go-tools.ts'
import { type Given, goConfig, opaConfig } from './configs.ts'

/** The programs that the authorizer is measured beside. */
export interface Peers {
  readonly go: string
  readonly opa: string
}

/** Built as the rest of the toolchain is, and for benchmarks alone. */
export async function ensurePeers(report: Report): Promise<Peers> {
  return { go: await built('go', report), opa: await built('opa', report) }
}

async function built(name: keyof Peers, report: Report): Promise<string> {
  const program = `${name}-peer`
  const folder = await goTools({
    name: `bench-${program}`,
    module: join(import.meta.dirname, name),
    programs: { [program]: '.' },
    report,
  })
  return join(folder, program)
}

interface ToStart {
  readonly name: keyof Peers
  readonly program: string
  /** For a file that is its one argument; it listens on a socket of its name. */
  readonly config: string
}

export function toStart(
  { go, opa }: Peers,
  { directory, ...given }: Omit<Given, 'listen'> & { readonly directory: string },
): readonly ToStart[] {
  const at = (name: keyof Peers) => ({ ...given, listen: join(directory, `${name}.sock`) })
  return [
    { name: 'go', program: go, config: goConfig(at('go')) },
    { name: 'opa', program: opa, config: opaConfig(at('opa')) },
  ]
}
