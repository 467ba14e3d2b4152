import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { ensureDebian } from '../node/images/debian.ts'
import { installPackages, missingPackages, whyNoNode } from '../node/packages.ts'
import { whyNoRights } from '../node/rights.ts'
import { cacheRoot, InstallError, type Report } from '../toolchain/cache.ts'
import { ensureNodeTools } from '../toolchain/node-tools.ts'

const FOLDER = 'test/node'
export const NODE_CONFIG = join(FOLDER, 'vitest.config.ts')
const ENDS = join(FOLDER, 'ends')
const ENDS_CONFIG = join(ENDS, 'vitest.config.ts')

/** Those that every run has, where it can: their names without `.test.ts`. The others are asked for. */
export const IN_EVERY_RUN: readonly string[] = ['image', 'network', 'recording', 'release']

export function nodeTestFile(name: string): string {
  return join(FOLDER, `${name}.test.ts`)
}

/** Tests of the node are asked for by their folder. */
export function areNodeTests(args: readonly string[]): boolean {
  return args.some(arg => arg.startsWith(FOLDER))
}

/** The configurations of those that are asked for: tests that begin and end a node of their own come after those that share one. */
export function nodeConfigs(args: readonly string[]): readonly string[] {
  const files = args.filter(arg => arg.startsWith(FOLDER))
  const shared = files.some(file => !file.startsWith(ENDS))
  const own = files.some(file => ENDS.startsWith(file.replace(/\/$/, '')) || file.startsWith(ENDS))
  return [...(shared ? [NODE_CONFIG] : []), ...(own ? [ENDS_CONFIG] : [])]
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
  return whyNoNode() ?? (await whyNoRights()) ?? (await whyNotBuilt(report))
}

/** What comes from elsewhere may not be had: that is said before the tests, which would fail without. */
async function whyNotBuilt(report: Report): Promise<string | null> {
  try {
    await ensureNodeTools(report)
    await ensureDebian(report)
    return null
  } catch (error) {
    if (error instanceof InstallError) return `its programs could not be built: ${error.message}`
    throw error
  }
}

/** A line for each file that nobody ran: it neither passed nor failed. */
export async function namedAsNotRun(
  root: string,
  why: string,
  but: readonly string[] = [],
  folder: string = FOLDER,
): Promise<readonly string[]> {
  const files = await readdir(join(root, folder), { recursive: true })
  const tests = files.filter(name => name.endsWith('.test.ts')).map(name => join(folder, name))
  return tests
    .filter(file => !but.includes(file))
    .sort()
    .map(file => `not run here: ${file}: ${why}`)
}
