import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { installPackages, missingPackages, whyNoNode } from '../node/packages.ts'
import { cacheRoot, type Report } from '../toolchain/cache.ts'

const FOLDER = 'test/node'
export const NODE_CONFIG = join(FOLDER, 'vitest.config.ts')

/** Those that every run has, where it can: their names without `.test.ts`. The others are asked for. */
export const IN_EVERY_RUN: readonly string[] = []

export function nodeTestFile(name: string): string {
  return join(FOLDER, `${name}.test.ts`)
}

/** Tests of the node are asked for by their folder. */
export function areNodeTests(args: readonly string[]): boolean {
  return args.some(arg => arg.startsWith(FOLDER))
}

/** Why the tests of a real node cannot run here, after what could be done about it; null where they can. Root is asked no further. */
export async function prepareNodeTests(report: Report): Promise<string | null> {
  const missing = missingPackages()
  if (process.getuid?.() === 0 && missing.length > 0) {
    report(`installing Debian packages for the tests of a real node: ${missing.join(', ')}`)
    await mkdir(cacheRoot(), { recursive: true })
    const failed = await installPackages(join(cacheRoot(), 'packages.log')).catch((error: Error) => error)
    if (failed instanceof Error) report(`they could not be installed: ${failed.message}`)
  }
  return whyNoNode()
}

/** A line for each file that nobody ran: it neither passed nor failed. */
export async function namedAsNotRun(
  root: string,
  why: string,
  but: readonly string[] = [],
): Promise<readonly string[]> {
  const files = await readdir(join(root, FOLDER))
  const tests = files.filter(name => name.endsWith('.test.ts')).map(name => join(FOLDER, name))
  return tests
    .filter(file => !but.includes(file))
    .sort()
    .map(file => `not run here: ${file}: ${why}`)
}
