import { readdir, rm, stat, utimes } from 'node:fs/promises'
import { dirname, isAbsolute, join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Plugin, rolldown } from 'rolldown'
import { digest, digestOf } from '../node/images/files.ts'
import { cached, cacheRoot, type Report } from '../toolchain/cache.ts'

const ROOT = join(import.meta.dirname, '../..')
/** What the program is made of, and by: with another one of these it is another program. */
const MADE_OF = ['src', 'envoy', 'package.json', 'package-lock.json', 'tsconfig.json', 'local/testing/one-program.ts']

/** Since somebody last asked for it: as long as another run of the tests may still start it. */
const KEPT_MS = 7 * 24 * 3_600_000

/**
 * The whole program in a few files; answers with the path of what is started in place of `src/main.ts`. For tests, which start it a
 * thousand times: to read six hundred files takes more CPU than all else that most of those processes do.
 */
export async function ensureProgram(report: Report): Promise<string> {
  const code = await digestOf(ROOT, MADE_OF)
  const name = `program-${digest([ROOT, code])}`
  const folder = await cached({ name, build: bundle, report })
  await utimes(folder, new Date(), new Date())
  await forgetOld(name)
  return join(folder, 'main.mjs')
}

async function bundle(folder: string): Promise<void> {
  const build = await rolldown({
    input: { main: join(ROOT, 'src/main.ts') },
    platform: 'node',
    plugins: [whereItWas(), nativeCode()],
    onLog: (level, log, handle) => (log.code === 'INEFFECTIVE_DYNAMIC_IMPORT' ? undefined : handle(level, log)),
  })
  try {
    const names = { entryFileNames: '[name].mjs', chunkFileNames: '[name]-[hash].mjs' }
    const { output } = await build.write({ dir: folder, format: 'esm', ...names })
    const missed = output.flatMap(one => (one.type === 'chunk' ? one.moduleIds : [])).filter(isMissed)
    if (missed.length > 0) throw new Error(`tests would go on with an old ${missed.join(', ')}: name it in MADE_OF`)
  } finally {
    await build.close()
  }
}

/** A file of this checkout that nobody looks at for whether it has changed. */
function isMissed(id: string): boolean {
  const path = relative(ROOT, id)
  const isOurs = isAbsolute(id) && !/^(?:\.\.|node_modules)\//.test(path)
  return isOurs && !MADE_OF.some(one => path === one || path.startsWith(`${one}/`))
}

async function forgetOld(current: string): Promise<void> {
  for (const name of await readdir(cacheRoot())) {
    if (!name.startsWith('program-') || name.startsWith(current)) continue
    const path = join(cacheRoot(), name)
    // What another checkout makes at this moment has its next name already.
    const usedAt = await stat(path).then(
      found => found.mtimeMs,
      () => null,
    )
    if (usedAt !== null && Date.now() - usedAt > KEPT_MS) await rm(path, { recursive: true, force: true })
  }
}

/** What a file reads beside itself stays where it is. */
function whereItWas(): Plugin {
  return {
    name: 'where-it-was',
    transform: {
      filter: { code: /\bimport\.meta\.(?:url|dirname)\b|\b__dirname\b/ },
      handler: (code, id) =>
        code
          .replace(/\bimport\.meta\.url\b/g, JSON.stringify(pathToFileURL(id).href))
          .replace(/\bimport\.meta\.dirname\b|\b__dirname\b/g, JSON.stringify(dirname(id))),
    },
  }
}

/** It finds its library beside itself. */
function nativeCode(): Plugin {
  return {
    name: 'native-code',
    resolveId: id => (/^chdb(?:\/|$)/.test(id) ? { id: import.meta.resolve(id), external: 'absolute' } : null),
  }
}
