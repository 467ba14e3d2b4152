import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { makeFiles } from '../../../local/release/client/files.ts'

test('a release has the npm package and single files of the program of agents, each by its hash', async () => {
  const out = await mkdtemp(join(tmpdir(), 'lg-files-'))
  const here = `linux/${process.arch === 'arm64' ? 'arm64' : 'amd64'}`
  try {
    const { npm, single } = await makeFiles([here], out)
    const { version } = JSON.parse(await readFile(new URL('../../../package.json', import.meta.url), 'utf8'))
    expect(npm.file).toBe(`leasegate-${version}.tgz`)
    expect(single).toEqual({
      [here]: { file: `leasegate-${version}-linux-${process.arch}`, sha256: expect.any(String) },
    })
    for (const { file, sha256 } of [npm, ...Object.values(single)]) {
      const bytes = await readFile(join(out, file))
      expect(createHash('sha256').update(bytes).digest('hex'), file).toBe(sha256)
    }
  } finally {
    await rm(out, { recursive: true, force: true })
  }
})
