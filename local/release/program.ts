import { dirname, join, relative } from 'node:path'
import { type Plugin, rolldown } from 'rolldown'

/*
 * For the image: the whole program in a few files, `program/leasegate.cjs` and what it loads late. An authorizer is ready with less than
 * half of the CPU that it takes from `src`, most of which goes into finding and linking eight hundred files. `src` stays beside it: the maps
 * name its lines, what a file reads beside itself is read there. Run by the Dockerfile, in a folder with what the image has.
 */
const ROOT = join(import.meta.dirname, '../..')

const build = await rolldown({
  input: { leasegate: join(ROOT, 'src/main.ts') },
  // It names where code came from, from there: the same wherever somebody builds.
  cwd: ROOT,
  platform: 'node',
  external: /^chdb(?:\/|$)/,
  plugins: [whereItWas()],
  onLog: (level, log, handle) => (log.code === 'INEFFECTIVE_DYNAMIC_IMPORT' ? undefined : handle(level, log)),
})
await build.write({
  dir: join(ROOT, 'program'),
  // For an import of one of Node's own modules reads every export of it, and loads what stands behind them.
  format: 'cjs',
  sourcemap: true,
  // They are there.
  sourcemapExcludeSources: true,
  entryFileNames: '[name].cjs',
  chunkFileNames: '[name]-[hash].cjs',
})
await build.close()

/** A file of ours or of a package finds what lies beside it where it was, wherever the whole is put. */
function whereItWas(): Plugin {
  return {
    name: 'where-it-was',
    transform: {
      filter: { code: /\bimport\.meta\.(?:url|dirname)\b|\b__dirname\b/ },
      // No line becomes another one, which is all that a stack trace is read by.
      handler: (code, id) => ({ code: withPlaces(code, relative(ROOT, id)), map: null }),
    },
  }
}

function withPlaces(code: string, path: string): string {
  const from = (place: string) => `__dirname + ${JSON.stringify(`/../${place}`)}`
  return code.replace(/\bimport\.meta\.url\b|\bimport\.meta\.dirname\b|\b__dirname\b/g, found =>
    found === 'import.meta.url' ? `('file://' + ${from(path)})` : `(${from(dirname(path))})`,
  )
}
