import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import type { ChdbConnection } from 'chdb/connection'
import { RecordError } from '../record-sink.ts'

const FORMAT = / FORMAT Native$/

/** In the name of a file these are patterns and archives to the engine. */
const PATTERN = /[*?{}]|::/

/**
 * Lets a connection take `INSERT … FORMAT Native` with bytes behind it, as a server does. The engine takes texts alone behind a statement; bytes
 * it reads from a file. That one lies beside the engine's own, and is gone again before it has to be on the disk.
 */
export async function takeBlocks(connection: ChdbConnection, directory: string): Promise<ChdbConnection> {
  const folder = resolve(directory, 'inserts')
  if (PATTERN.test(folder)) throw new RecordError('not-configured', `${directory} has one of * ? { } :: in its path`)
  // What a crash left behind.
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const exec = connection.exec.bind(connection)
  let inserts = 0
  connection.exec = async params => {
    const { values, query, ...rest } = params
    if (values === undefined || !FORMAT.test(query)) return exec(params)
    inserts += 1
    const file = join(folder, `${inserts}.native`)
    try {
      await writeFile(file, await buffer(values), { mode: 0o600 })
      const result = await connection.command({
        ...rest,
        query: query.replace(FORMAT, ` SELECT * FROM ${fromFile(file)}`),
      })
      return { ...result, stream: Readable.from([]) }
    } finally {
      await rm(file, { force: true })
    }
  }
  return connection
}

/** Read as the block says itself. Two files of one name are not the same columns. */
function fromFile(file: string): string {
  return `file('${file.replace(/[\\']/g, '\\$&')}', 'Native') SETTINGS schema_inference_use_cache_for_file = 0`
}
