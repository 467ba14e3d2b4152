import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** Several checkouts have so many files, of which each has one. */
const MOST = 20_000

/**
 * What Node.js compiled of a file stays when that file is gone, and tests start programs in folders that no other run has. Of too many the
 * half that was written first goes; who would have read one of it compiles that again.
 */
export async function forgetCompiled(folder: string, most = MOST): Promise<void> {
  const versions = await readdir(folder).catch(() => [])
  for (const version of versions) {
    const path = join(folder, version)
    const names = await readdir(path)
    if (names.length <= most) continue
    const aged = await Promise.all(names.map(async name => ({ name, writtenAt: await writtenAt(join(path, name)) })))
    aged.sort((one, other) => one.writtenAt - other.writtenAt)
    const old = aged.slice(0, names.length - (most >> 1))
    await Promise.all(old.map(({ name }) => rm(join(path, name), { force: true })))
  }
}

/** Another run may forget it at this moment. */
async function writtenAt(path: string): Promise<number> {
  return stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  )
}
