import { readdir, rm, stat, utimes } from 'node:fs/promises'
import { isAbsolute, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { digest, digestOf } from '../node/images/files.ts'
import { bundle, PROGRAM_FILE } from '../release/bundle.ts'
import { cached, cacheRoot, type Report } from '../toolchain/cache.ts'

const ROOT = join(import.meta.dirname, '../..')
/** What the program is made of, and by: with another one of these it is another program. */
const MADE_BY = ['local/release/bundle.ts', 'local/testing/one-program.ts']
const MADE_OF = ['src', 'envoy', 'package.json', 'package-lock.json', 'tsconfig.json', ...MADE_BY]

/** Since somebody last asked for it: as long as another run of the tests may still start it. */
const KEPT_MS = 7 * 24 * 3_600_000

/**
 * The program as the image has it; answers with the path of what is started in place of `src/main.ts`. Tests start it a thousand times,
 * and most of what such a process does would be to read its six hundred files.
 */
export async function ensureProgram(report: Report): Promise<string> {
  const code = await digestOf(ROOT, MADE_OF)
  const name = `program-${digest([ROOT, code])}`
  const folder = await cached({ name, build, report })
  await utimes(folder, new Date(), new Date())
  await forgetOld(name)
  return join(folder, PROGRAM_FILE)
}

async function build(into: string): Promise<void> {
  const modules = await bundle({
    root: ROOT,
    into,
    placeOf: path => JSON.stringify(path),
    nativeAs: id => fileURLToPath(import.meta.resolve(id)),
  })
  const missed = modules.filter(isMissed)
  if (missed.length > 0) throw new Error(`tests would go on with an old ${missed.join(', ')}: name it in MADE_OF`)
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
