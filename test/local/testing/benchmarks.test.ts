import { glob, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { run } from '../../../local/process/run.ts'
import { type Benchmark, choose, findBenchmarks, listed } from '../../../local/testing/benchmarks.ts'

const ROOT = join(import.meta.dirname, '../../..')

let benchmarks: readonly Benchmark[]

beforeAll(async () => {
  benchmarks = await findBenchmarks(join(ROOT, 'test/bench'))
})

describe('benchmarks', () => {
  test('each says in its first line what it measures, and has a name of its own', () => {
    expect(benchmarks.filter(({ says }) => !/^[A-Z].*\.$/.test(says))).toEqual([])
    const names = [...benchmarks.map(({ name }) => name), ...new Set(benchmarks.map(({ folder }) => folder))]
    expect(new Set(names).size).toBe(names.length)
  })

  test('what the pages tell to run is there', async () => {
    const told: string[] = []
    for await (const page of glob(['docs/*.md', '*.md'], { cwd: ROOT })) {
      const text = await readFile(join(ROOT, page), 'utf8')
      told.push(...[...text.matchAll(/npm run bench -- ([\w. -]+)/g)].map(([, words = '']) => words.trim()))
    }
    expect(told.length).toBeGreaterThan(5)
    expect(told.filter(words => typeof choose(words.split(' '), benchmarks) === 'string')).toEqual([])
  })

  test('are those that are named, with the numbers that follow; of a folder all', () => {
    const chosen = choose(['tap', '4000', '1', 'decisions'], benchmarks)
    expect(chosen).toContainEqual({ benchmark: expect.objectContaining({ name: 'tap' }), args: ['4000', '1'] })
    expect(chosen).toContainEqual({ benchmark: expect.objectContaining({ name: 'check' }), args: [] })
    expect(choose(['tap', 'tep'], benchmarks)).toBe('tep')
    expect(choose(['4000'], benchmarks)).toBe('4000')
  })

  test('are listed where none is named, and where a name is none', async () => {
    const bench = join(ROOT, 'local/bench.ts')
    expect(await run(process.execPath, [bench])).toMatchObject({ code: 0, stdout: listed(benchmarks) })
    expect(await run(process.execPath, [bench, 'tep'])).toMatchObject({
      code: 1,
      stdout: '',
      stderr: `leasegate: there is no benchmark "tep"\n${listed(benchmarks)}`,
    })
    for (const { name, says } of benchmarks) expect(listed(benchmarks)).toMatch(new RegExp(`^  ${name} +${says}$`, 'm'))
  })
})
