import { join } from 'node:path'
import { type Plugin, rolldown } from 'rolldown'

const ROOT = join(import.meta.dirname, '../../..')
const SRC = join(ROOT, 'src')
/** Loads modules that came with an older Node.js than ours. */
const TARGET = 'node20.19'

/** What reaches the store, the record or a cluster by itself. A command that was asked for such a thing says that it is not in here. */
const OF_THE_PLATFORM = ['cli/direct/', 'kubernetes/', 'record/clickhouse', 'redis/'].map(path => join(SRC, path))

export interface Bundle {
  /** By path within the package. */
  readonly files: Readonly<Record<string, string>>
  /** Files that code came from, absolute. */
  readonly sources: readonly string[]
}

/**
 * The program of agents and approvers, as JavaScript that needs nothing beside Node.js. Not minified: it can be read where it is installed.
 * CommonJS, for an import of one of Node's own modules reads every export of it, and loads what stands behind them.
 */
export function bundleClient(): Promise<Bundle> {
  return bundle(true)
}

/** The same in one file, `dist/leasegate.cjs`. */
export function bundleWhole(): Promise<Bundle> {
  return bundle(false)
}

async function bundle(codeSplitting: boolean): Promise<Bundle> {
  const build = await rolldown({
    input: { leasegate: join(SRC, 'client.ts') },
    // It names where code came from, from there: the same wherever somebody builds.
    cwd: ROOT,
    platform: 'node',
    transform: { target: TARGET },
    // What stands in for a module has none of its names.
    shimMissingExports: true,
    plugins: [leaveOut()],
    onLog: (level, log, handle) => (EXPECTED.has(log.code ?? '') ? undefined : handle(level, log)),
  })
  try {
    const { output } = await build.generate({
      format: 'cjs',
      codeSplitting,
      entryFileNames: 'dist/[name].cjs',
      chunkFileNames: 'dist/parts/[name]-[hash].cjs',
    })
    const chunks = output.filter(file => file.type === 'chunk')
    return {
      files: Object.fromEntries(chunks.map(({ fileName, code }) => [fileName, code])),
      sources: [...new Set(chunks.flatMap(({ moduleIds }) => moduleIds))],
    }
  } finally {
    await build.close()
  }
}

function leaveOut(): Plugin {
  return {
    name: 'leave-out',
    load: id => (OF_THE_PLATFORM.some(path => id.startsWith(path)) ? NO_SUCH_PART : null),
  }
}

/** Names that what stands in for a module has not got, and what is loaded late by one module and at once by another. */
const EXPECTED = new Set(['SHIMMED_EXPORT', 'INEFFECTIVE_DYNAMIC_IMPORT'])

const NO_SUCH_PART = `import { CliError } from ${JSON.stringify(join(SRC, 'cli/command/cli-error.ts'))}
throw new CliError('usage', 'not in this program, which asks the broker alone: take the whole leasegate for it')`
