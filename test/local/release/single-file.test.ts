import { mkdtemp, readdir, readFile, rmdir, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { CLIENT_COMMANDS, LOCAL_COMMANDS } from '../../../src/cli/commands.ts'
import { singleClient } from '../../support/programs/installed-client.ts'

const single = await singleClient()
afterAll(() => single[Symbol.asyncDispose]())

describe('the single file, with nothing beside it', () => {
  test('says that it is one, and which Node.js it holds', async () => {
    const { code, stdout } = await single.leasegate(['version'])
    const { version } = JSON.parse(await readFile(new URL('../../../package.json', import.meta.url), 'utf8'))
    const platform = `${process.platform}-${process.arch}`
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: `leasegate ${version} (a single file with Node.js ${process.versions.node}, ${platform})\n`,
    })
  })

  test('is as large as the page for agents says', async () => {
    const page = await readFile(new URL('../../../docs/agents.md', import.meta.url), 'utf8')
    const said = Number(/\((\d+) MB,\s\d+ MB\spacked\swith\sgzip/.exec(page)?.[1])
    expect(Math.abs((await stat(single.file)).size / 1e6 - said)).toBeLessThan(said / 20)
  })

  test('loads every command of it', async () => {
    for (const name of [...Object.keys({ ...CLIENT_COMMANDS, ...LOCAL_COMMANDS }), 'completion', 'guard'])
      expect(await single.leasegate([name, '--help'])).toMatchObject({ code: 0, stderr: '' })
  })

  test('is no Node.js to who asks for one, and heeds no options of another', async () => {
    expect(await single.leasegate(['--eval', 'process.exit(42)'])).toMatchObject({ code: 2 })
    const env = { NODE_OPTIONS: '--an-option-of-another-node' }
    expect(await single.leasegate(['version'], env)).toMatchObject({ code: 0, stderr: '' })
  })

  test('keeps nothing of what it compiled: that is in it', async () => {
    const home = await mkdtemp(join(tmpdir(), 'lg-home-'))
    expect(await single.leasegate(['credential', '--help'], { HOME: home })).toMatchObject({ code: 0, stderr: '' })
    expect(await readdir(home)).toEqual([])
    await rmdir(home)
  })

  test('has licences of what it holds beside it, of Node.js first', async () => {
    const text = await readFile(`${single.file}.LICENSES.txt`, 'utf8')
    expect(text).toMatch(/^node-\S+ [\d.]+ \(MIT\)\n/)
    for (const name of ['OpenSSL', 'commander 14', 'zod 4']) expect(text).toContain(name)
  })

  test('has the names of what it holds beside it, each with its version', async () => {
    const { components } = JSON.parse(await readFile(`${single.file}.cdx.json`, 'utf8'))
    const [node, ...packages] = components.map(({ purl }: { readonly purl: string }) => purl)
    expect(node).toBe(`pkg:generic/node@${process.versions.node}`)
    // Of the last one another package brings a copy.
    for (const name of ['commander@14', 'zod@4', '%40modelcontextprotocol/server@', 'ajv@'])
      expect(packages).toContainEqual(expect.stringContaining(`pkg:npm/${name}`))
    expect(packages.join()).not.toMatch(/ioredis|clickhouse|grpc/)
  })
})
