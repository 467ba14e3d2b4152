import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { cached, type Report } from './cache.ts'
import { logged } from './logged.ts'

interface GoTools {
  readonly name: string
  /** Folder with go.mod and go.sum. */
  readonly module: string
  /** Program name → package path, or `.` for the module itself. */
  readonly programs: Readonly<Record<string, string>>
  /** For `-ldflags -X`: package variable → value. */
  readonly stamps?: Readonly<Record<string, string>>
  /** Build tags. */
  readonly tags?: readonly string[]
  readonly report: Report
}

/** Builds Go programs; the folder's name carries a hash of the sources, so that a changed module is built anew. */
export async function goTools({ name, module, programs, stamps = {}, tags = [], report }: GoTools): Promise<string> {
  const stamped = Object.entries(stamps).map(([variable, value]) => `-X ${variable}=${value}`)
  const flags = ['-p', '2', '-trimpath', '-ldflags', ['-s', '-w', ...stamped].join(' ')]
  if (tags.length > 0) flags.push('-tags', tags.join(','))
  const hash = await hashOf(module, JSON.stringify([programs, flags]))
  return cached({
    name: `${name}-${hash}`,
    report,
    build: async (folder, logFile) => {
      for (const [program, path] of Object.entries(programs)) {
        report(`  go build ${program}`)
        await logged('go', ['build', ...flags, '-o', join(folder, program), path], {
          logFile,
          cwd: module,
          env: { GOFLAGS: '-mod=readonly', CGO_ENABLED: '0', GOWORK: 'off' },
        })
      }
    },
  })
}

async function hashOf(module: string, extra: string): Promise<string> {
  const hash = createHash('sha256').update(extra)
  for (const file of (await readdir(module)).filter(each => /\.(go|mod|sum)$/.test(each)).sort()) {
    hash.update(`\0${file}\0`).update(await readFile(join(module, file)))
  }
  return hash.digest('hex').slice(0, 12)
}
