import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** A file of a folder of test/bench; what it is made of lies in folders below. */
export interface Benchmark {
  readonly folder: string
  readonly name: string
  readonly file: string
  /** Its first line. */
  readonly says: string
}

export interface Chosen {
  readonly benchmark: Benchmark
  /** Numbers that follow its name. */
  readonly args: readonly string[]
}

/** By folder and name. */
export async function findBenchmarks(root: string): Promise<readonly Benchmark[]> {
  const folders = (await readdir(root)).sort()
  const found = await Promise.all(folders.map(folder => inFolder(join(root, folder), folder)))
  return found.flat()
}

async function inFolder(directory: string, folder: string): Promise<readonly Benchmark[]> {
  const files = (await readdir(directory)).filter(file => file.endsWith('.ts')).sort()
  return Promise.all(
    files.map(async each => {
      const file = join(directory, each)
      const [first = ''] = (await readFile(file, 'utf8')).split('\n', 1)
      return { folder, name: each.slice(0, -'.ts'.length), file, says: first.replace('// ', '') }
    }),
  )
}

/** Those that are named, in that order; of a folder all. What is neither, nor a number for the one before it, is the answer. */
export function choose(words: readonly string[], benchmarks: readonly Benchmark[]): readonly Chosen[] | string {
  const chosen: { readonly benchmark: Benchmark; readonly args: string[] }[] = []
  for (const word of words) {
    if (/^[\d.]+$/.test(word) && chosen.length > 0) {
      chosen.at(-1)?.args.push(word)
      continue
    }
    const named = benchmarks.filter(({ name, folder }) => name === word || folder === word)
    if (named.length === 0) return word
    chosen.push(...named.map(benchmark => ({ benchmark, args: [] })))
  }
  return chosen
}

export function listed(benchmarks: readonly Benchmark[]): string {
  const width = Math.max(...benchmarks.map(({ name }) => name.length))
  const lines = [...Map.groupBy(benchmarks, ({ folder }) => folder)].map(([folder, inIt]) =>
    [folder, ...inIt.map(({ name, says }) => `  ${name.padEnd(width)}  ${says}`)].join('\n'),
  )
  return `npm run bench -- NAME…, of benchmarks or of whole folders of them:\n${lines.join('\n')}\n`
}
