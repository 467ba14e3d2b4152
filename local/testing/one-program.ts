import { readdir, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Plugin, rolldown } from 'rolldown'
import { digest, digestOf } from '../node/images/files.ts'
import { cached, cacheRoot, type Report } from '../toolchain/cache.ts'

const ROOT = join(import.meta.dirname, '../..')

/** As long as another run of the tests may still start it. */
const KEPT_MS = 7 * 24 * 3_600_000

/**
 * The whole program in a few files; answers with the path of what is started in place of `src/main.ts`. For tests, which start it a
 * thousand times: to read six hundred files takes more CPU than all else that most of those processes do.
 */
export async function ensureProgram(report: Report): Promise<string> {
  const code = await digestOf(ROOT, ['src', 'envoy', 'package-lock.json', 'local/testing/one-program.ts'])
  const name = `program-${digest([ROOT, code])}`
  const folder = await cached({ name, build: bundle, report })
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
    await build.write({ dir: folder, format: 'esm', entryFileNames: '[name].mjs', chunkFileNames: '[name]-[hash].mjs' })
  } finally {
    await build.close()
  }
}

async function forgetOld(current: string): Promise<void> {
  for (const name of await readdir(cacheRoot())) {
    if (!name.startsWith('program-') || name.startsWith(current)) continue
    const path = join(cacheRoot(), name)
    if (Date.now() - (await stat(path)).mtimeMs > KEPT_MS) await rm(path, { recursive: true, force: true })
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
