import { mkdir, mkdtemp, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { loadPolicy, PolicyFile, type PolicyFileError } from '../../../src/policy/load/load-policy.ts'
import { until } from '../../support/until.ts'
import { EXAMPLE_FILE } from '../a-policy.ts'

let folder: string
let file: string
let example: string
const opened: PolicyFile[] = []

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'leasegate-policy-'))
  file = join(folder, 'policy.yaml')
  example = await readFile(EXAMPLE_FILE, 'utf8')
  await writeFile(file, example)
})

afterEach(async () => {
  for (const source of opened.splice(0)) source.close()
  await rm(folder, { recursive: true })
})

async function open(problems: PolicyFileError[] = [], pollMs = 60_000): Promise<PolicyFile> {
  const source = await PolicyFile.open({ file, pollMs, onProblem: error => problems.push(error) })
  opened.push(source)
  return source
}

const withMaxLeases = (count: number) => example.replace('maxLeases: 3', `maxLeases: ${count}`)

describe('PolicyFile', () => {
  test('begins only with a good policy, and says all that is wrong with another', async () => {
    await writeFile(file, example.replace('agent: triage', 'agent: triag').replace('maxTtl: 1h', 'maxTtl: soon'))
    const lineOf = (text: string) => example.slice(0, example.indexOf(text)).split('\n').length
    const [ttl, grant] = [lineOf('maxTtl: 1h'), lineOf('agent: triage')]
    await expect(open()).rejects.toMatchObject({ code: 'invalid', problems: [{ line: ttl }, { line: grant }] })
    await expect(open()).rejects.toThrow(
      `${file}:${grant}:16: templates[1].grants[0].agent names no agent of this file`,
    )
  })

  test("knows the boundary's own namespace, whatever the file leaves out, and refuses a file that names another", async () => {
    const within = (boundaryNamespace: string) =>
      PolicyFile.open({ file, pollMs: 60_000, boundaryNamespace, onProblem: () => undefined })
    await expect(within('leasegate-system')).rejects.toThrow(
      'boundaryNamespace is "leasegate", but the boundary runs in "leasegate-system"',
    )
    await writeFile(file, example.replace('boundaryNamespace: leasegate', 'boundaryNamespace: ""'))
    const source = await within('leasegate-system')
    opened.push(source)
    expect(source.current().boundaryNamespace).toBe('leasegate-system')
  })

  test('says when there is no file', async () => {
    await rm(file)
    await expect(loadPolicy(file)).rejects.toMatchObject({ code: 'unreadable', problems: [] })
  })

  test('says when the file is no text', async () => {
    await writeFile(file, Buffer.from([0x61, 0xff, 0xfe]))
    await expect(loadPolicy(file)).rejects.toMatchObject({ code: 'unreadable' })
  })

  test('takes up a change by itself', async () => {
    const source = await open([], 5)
    const before = source.current().revision
    await writeFile(file, withMaxLeases(7))
    await until('the new policy', () => source.current().templates[0]?.maxLeases === 7)
    expect(source.current().revision).not.toBe(before)
  })

  test('follows the swap of a symbolic link, as ConfigMaps are changed', async () => {
    for (const version of ['one', 'two']) await mkdir(join(folder, version))
    await writeFile(join(folder, 'one', 'p.yaml'), example)
    await writeFile(join(folder, 'two', 'p.yaml'), withMaxLeases(9))
    await symlink('one', join(folder, '..data'))
    await rm(file)
    await symlink('..data/p.yaml', file)
    const source = await open()

    await symlink('two', join(folder, '..tmp'))
    await rename(join(folder, '..tmp'), join(folder, '..data'))
    await source.reload()
    expect(source.current().templates[0]?.maxLeases).toBe(9)
  })

  test('goes on with the last good policy and reports each bad state once', async () => {
    const problems: PolicyFileError[] = []
    const source = await open(problems)
    const good = source.current()

    await writeFile(file, 'agents: 1')
    await source.reload()
    await source.reload()
    await rm(file)
    await source.reload()
    await source.reload()
    expect(source.current()).toBe(good)
    expect(problems.map(({ code }) => code)).toEqual(['invalid', 'unreadable'])

    await writeFile(file, withMaxLeases(5))
    await source.reload()
    expect(source.current().templates[0]?.maxLeases).toBe(5)
    expect(problems).toHaveLength(2)
  })
})
