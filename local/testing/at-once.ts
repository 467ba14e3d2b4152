import { mkdtemp, open, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Does its work with a file descriptor for all that it says. */
type Work<T> = (output: number) => Promise<T>

/**
 * What is under way already, and works beside it: what these say comes last, one after the other. All are waited for, also where one fails
 * or somebody interrupts us.
 */
export async function atOnce<T>(
  underWay: readonly Promise<T>[],
  works: readonly Work<T>[],
  say = (text: string) => void process.stdout.write(text),
): Promise<readonly T[]> {
  const settled = Promise.allSettled(underWay)
  const directory = await mkdtemp(join(tmpdir(), 'lg-test-'))
  const files = works.map((_, index) => join(directory, `${index}.log`))
  try {
    const begun = works.map((work, index) => withOutput(files[index] ?? '', work))
    await Promise.allSettled([settled, ...begun])
    for (const file of files) say(await readFile(file, 'utf8'))
    return await Promise.all([...underWay, ...begun])
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

async function withOutput<T>(file: string, work: Work<T>): Promise<T> {
  const output = await open(file, 'w')
  try {
    return await work(output.fd)
  } finally {
    await output.close()
  }
}
