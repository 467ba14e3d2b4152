import { type FileHandle, mkdtemp, open, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Writable, writeAll } from '../../../src/session/store/spool/write-all.ts'

let directory: string
let file: FileHandle
const path = () => join(directory, 'segment')

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'lg-write-'))
  file = await open(path(), 'ax', 0o600)
})
afterEach(async () => {
  await file.close()
  await rm(directory, { recursive: true, force: true })
})

/** The same file on a disk that takes so many bytes at once. */
function atMost(bytes: number): Writable {
  const writev = async (parts: readonly Uint8Array[]) => {
    const taken = Buffer.concat(parts).subarray(0, bytes)
    await file.write(taken)
    return { bytesWritten: taken.length }
  }
  return { writev } as Writable
}

describe('writeAll', () => {
  test('puts it behind what is there, also where the disk takes a part at a time', async () => {
    await writeAll(file, [Buffer.from('one '), Buffer.alloc(0)])
    await writeAll(
      atMost(3),
      ['tw', 'o', '', ' and', ' more '].map(part => Buffer.from(part)),
    )
    await writeAll(file, [Buffer.from('three')])
    expect(await readFile(path(), 'utf8')).toBe('one two and more three')
  })

  test('gives up on a disk that takes nothing', async () => {
    await expect(writeAll(atMost(0), [Buffer.from('one')])).rejects.toThrow('nothing more is taken')
  })
})
