import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { SecretFile } from '../../src/config/secret-file.ts'

describe('SecretFile', () => {
  let dir: string
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'leasegate-secret-'))
  })
  afterAll(() => rm(dir, { recursive: true, force: true }))

  test.each([
    { name: 'as it is', text: 'hunter2', want: 'hunter2' },
    { name: 'without the line break that an editor adds', text: 'hunter2\n', want: 'hunter2' },
    { name: 'without that of another system', text: 'hunter2\r\n', want: 'hunter2' },
    { name: 'with everything else that is in it', text: ' a b\n\n', want: ' a b\n' },
  ])('gives the text $name', async ({ text, want }) => {
    await writeFile(join(dir, 'given'), text)
    expect(new SecretFile(join(dir, 'given')).reveal()).toBe(want)
  })

  test('gives what is there now, and while nothing is, what was there before', async () => {
    const path = join(dir, 'swapped')
    await writeFile(path, 'old')
    const secret = new SecretFile(path)
    await writeFile(`${path}.new`, 'new')
    await rename(`${path}.new`, path)
    expect(secret.reveal()).toBe('new')
    await writeFile(path, '')
    expect(secret.reveal()).toBe('new')
    await rm(path)
    expect(secret.reveal()).toBe('new')
  })

  test.each([
    { name: 'is not there', make: async () => undefined, says: /\/absent cannot be read \(ENOENT\)$/ },
    { name: 'is empty', make: () => writeFile(join(dir, 'absent'), '\n'), says: /\/absent is empty$/ },
  ])('says so when the file $name', async ({ make, says }) => {
    await make()
    expect(() => new SecretFile(join(dir, 'absent'))).toThrow(says)
  })
})
