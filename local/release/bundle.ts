import { basename, dirname, join } from 'node:path'
import { type Plugin, rolldown } from 'rolldown'

export interface Bundling {
  /** The checkout, or what an image has of it. */
  readonly root: string
  /** A folder. */
  readonly into: string
  /** An expression that says, in what is made, where this absolute path is. */
  readonly placeOf: (path: string) => string
  /** What is required of a package with native code, which finds its library beside itself. */
  readonly nativeAs: (id: string) => string
}

/** What is started as a thread: a file of its own, which lies beside the program. */
const THREADS = ['src/tap/recording/recorder-thread.ts']

/** What is started in place of `src/main.ts`: `src/program.ts`. */
export const PROGRAM_FILE = 'leasegate.cjs'

/**
 * The whole program in a few files, `leasegate.cjs` and what it loads late: most of the CPU until a process is ready goes into finding and
 * linking eight hundred files. Sources stay where they are: the maps name their lines, and what a file reads beside itself is read there.
 * Answers with the paths of all that is in it.
 */
export async function bundle({ root, into, placeOf, nativeAs }: Bundling): Promise<readonly string[]> {
  const build = await rolldown({
    input: { leasegate: join(root, 'src/program.ts'), ...threadsOf(root) },
    // It names where code came from, from there: the same wherever somebody builds.
    cwd: root,
    platform: 'node',
    plugins: [whereItWas(placeOf), nativeCode(nativeAs)],
    onLog: (level, log, handle) => (log.code === 'INEFFECTIVE_DYNAMIC_IMPORT' ? undefined : handle(level, log)),
  })
  try {
    const { output } = await build.write({
      dir: into,
      // For an import of one of Node's own modules reads every export of it, and loads what stands behind them.
      format: 'cjs',
      sourcemap: true,
      // They are there.
      sourcemapExcludeSources: true,
      entryFileNames: '[name].cjs',
      chunkFileNames: '[name]-[hash].cjs',
    })
    return output.flatMap(one => (one.type === 'chunk' ? one.moduleIds : []))
  } finally {
    await build.close()
  }
}

function threadsOf(root: string): Readonly<Record<string, string>> {
  return Object.fromEntries(THREADS.map(path => [basename(path, '.ts'), join(root, path)]))
}

/** A file of ours or of a package finds what lies beside it where it was, wherever the whole is put; but threads where they are now. */
function whereItWas(placeOf: Bundling['placeOf']): Plugin {
  return {
    name: 'where-it-was',
    transform: {
      filter: { code: /\bimport\.meta\.(?:url|dirname)\b|\b__dirname\b/ },
      // No line becomes another one, which is all that a stack trace is read by.
      handler: (code, id) => ({
        code: code.replace(PLACES, (found, thread) => {
          if (thread !== undefined) return `(__dirname + '/${thread}.cjs')`
          return found === 'import.meta.url' ? toUrl(placeOf(id)) : `(${placeOf(dirname(id))})`
        }),
        map: null,
      }),
    },
  }
}

const PLACES =
  /\bnew URL\('\.\/([\w-]+-thread)\.ts', import\.meta\.url\)|\bimport\.meta\.url\b|\bimport\.meta\.dirname\b|\b__dirname\b/g

/** As pathToFileURL does, which cannot be imported in the midst of somebody's code. */
function toUrl(path: string): string {
  return `('file://' + encodeURI(${path}).replace(/[?#]/g, encodeURIComponent))`
}

function nativeCode(nativeAs: Bundling['nativeAs']): Plugin {
  return {
    name: 'native-code',
    resolveId: id => (/^chdb(?:\/|$)/.test(id) ? { id: nativeAs(id), external: 'absolute' } : null),
  }
}
