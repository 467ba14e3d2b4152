import { join } from 'node:path'
import { type Plugin, rolldown } from 'rolldown'

const SRC = join(import.meta.dirname, '../../../src')
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

/** The program of agents and approvers, as JavaScript that needs nothing beside Node.js. Not minified: it can be read where it is installed. */
export async function bundleClient(): Promise<Bundle> {
  const build = await rolldown({
    input: { leasegate: join(SRC, 'client.ts') },
    platform: 'node',
    transform: { target: TARGET },
    // What stands in for a module has none of its names.
    shimMissingExports: true,
    plugins: [leaveOut()],
    onLog: (level, log, handle) => (log.code === 'SHIMMED_EXPORT' ? undefined : handle(level, log)),
  })
  try {
    const { output } = await build.generate({
      format: 'esm',
      // The program finds its version two folders above its parts.
      entryFileNames: 'dist/[name].mjs',
      chunkFileNames: 'dist/parts/[name]-[hash].mjs',
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

const NO_SUCH_PART = `import { CliError } from ${JSON.stringify(join(SRC, 'cli/cli-error.ts'))}
throw new CliError('usage', 'not in this program, which asks the broker alone: take the whole leasegate for it')`
