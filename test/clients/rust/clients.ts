import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { cp, readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { cached, type Report } from '../../../local/toolchain/cache.ts'
import { logged } from '../../../local/toolchain/logged.ts'
import type { Command } from '../client-program.ts'
import type { Client } from '../matrix/client.ts'

const HERE = import.meta.dirname
const SOURCES = join(HERE, 'src')
const NAME = 'kube-program'

/** Crates are pinned by the sums in Cargo.lock. */
async function program(report: Report): Promise<Command> {
  const hash = createHash('sha256')
  const files = (await readdir(SOURCES)).sort().map(file => join(SOURCES, file))
  for (const file of [join(HERE, 'Cargo.toml'), join(HERE, 'Cargo.lock'), ...files]) hash.update(await readFile(file))
  const folder = await cached({
    name: `${NAME}-${hash.digest('hex').slice(0, 12)}`,
    report,
    build: async (into, logFile) => {
      await cp(HERE, into, { recursive: true })
      await logged('cargo', ['build', '--locked', '--release', '--target-dir', 'target'], { logFile, cwd: into })
      await rename(join(into, 'target/release', NAME), join(into, NAME))
      await rm(join(into, 'target'), { recursive: true })
    },
  })
  return { command: join(folder, NAME) }
}

const version = /^kube = \{ version = "=([^"]+)"/m.exec(readFileSync(join(HERE, 'Cargo.toml'), 'utf8'))?.[1] ?? ''

export const RUST_CLIENTS: readonly Client[] = [
  {
    id: 'rust-kube',
    title: 'Rust `kube`',
    version,
    // Minutes of compiling.
    often: false,
    needs: ['cargo'],
    prepare: program,
    without: { gzip: 'it has none unless it is built with it' },
    differs: {},
  },
]
