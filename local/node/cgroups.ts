import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rmdir, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

const ROOT = '/sys/fs/cgroup'
/** Of one process alone: what removes those of one that was killed takes nobody else's away. */
const NAME = `leasegate-node-${process.pid}`
const GONE_WITHIN_MS = 10_000
/** Of a processor that others want as well, pods together get as much as four processes would, and not as much as one. */
const WEIGHTS = [
  ['cpu/cpu.shares', '4096'],
  ['cpu.weight', '400'],
] as const

/** All pods lie below it, in each hierarchy. */
export const CGROUP = `/${NAME}`

/** `onMake` hears of each before it is there. */
export async function makeCgroups(onMake: (folder: string) => void): Promise<void> {
  await removeCgroups()
  for (const hierarchy of await hierarchies()) {
    const folder = join(hierarchy, NAME)
    onMake(folder)
    await mkdir(folder, { recursive: true })
  }
  for (const [name, weight] of WEIGHTS) {
    const file = join(ROOT, dirname(name), NAME, basename(name))
    if (existsSync(file)) await writeFile(file, weight)
  }
  // Version 1: a new one has no processors and no memory, and takes no process until it has.
  for (const name of ['cpuset.cpus', 'cpuset.mems']) {
    const above = join(ROOT, 'cpuset', name)
    if (existsSync(above)) await writeFile(join(ROOT, 'cpuset', NAME, name), await readFile(above, 'utf8'))
  }
}

/** Why none can be made; null where they can. */
export async function tryCgroups(): Promise<string | null> {
  try {
    for (const folder of await hierarchies()) {
      const tried = await mkdtemp(join(folder, `${NAME}-`))
      await rmdir(tried)
    }
    return null
  } catch (error) {
    return String(error)
  }
}

/** Once nothing runs in them any more. */
export async function removeCgroups(): Promise<void> {
  const end = performance.now() + GONE_WITHIN_MS
  for (const folder of await hierarchies()) {
    // The kernel is not done with processes at the moment when they are gone.
    while (!(await removeTree(join(folder, NAME))) && performance.now() < end) await pause(50)
  }
}

/** Of version 1 one for each controller; of version 2 there is but one. */
async function hierarchies(): Promise<readonly string[]> {
  if (existsSync(join(ROOT, 'cgroup.controllers'))) return [ROOT]
  const entries = await readdir(ROOT, { withFileTypes: true })
  return entries.filter(entry => entry.isDirectory()).map(({ name }) => join(ROOT, name))
}

async function removeTree(folder: string): Promise<boolean> {
  if (!existsSync(folder)) return true
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  for (const entry of entries) if (entry.isDirectory()) await removeTree(join(folder, entry.name))
  return rmdir(folder).then(
    () => true,
    () => false,
  )
}
