import { closeSync, openSync, writeSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { toFile, type Write, writeAll } from '../../../../src/session/store/spool/write-all.ts'

let directory: string
let descriptor: number
const path = () => join(directory, 'segment')

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'lg-write-'))
  descriptor = openSync(path(), 'ax', 0o600)
})
afterEach(async () => {
  closeSync(descriptor)
  await rm(directory, { recursive: true, force: true })
})

/** The same file on a disk that takes so many bytes at once. */
function atMost(bytes: number): Write {
  return parts => writeSync(descriptor, Buffer.concat(parts).subarray(0, bytes))
}

describe('writeAll', () => {
  test('puts it behind what is there, also where the disk takes a part at a time', async () => {
    writeAll(toFile(descriptor), [Buffer.from('one '), Buffer.alloc(0)])
    writeAll(
      atMost(3),
      ['tw', 'o', '', ' and', ' more '].map(part => Buffer.from(part)),
    )
    writeAll(toFile(descriptor), [Buffer.from('three')])
    expect(await readFile(path(), 'utf8')).toBe('one two and more three')
  })

  test('gives up on a disk that takes nothing', () => {
    expect(() => writeAll(atMost(0), [Buffer.from('one')])).toThrow('nothing more is taken')
  })
})
