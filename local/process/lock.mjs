// Plain JavaScript, for the bootstrap needs it before there is a Node that runs TypeScript.
import { randomBytes } from 'node:crypto'
import { link, readFile, rm, writeFile } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'

const ASK_EVERY_MS = 250

export async function lock(path, onWait) {
  const ours = `${process.pid} ${await startedAt(process.pid)}`
  for (let told = false; !(await take(path, ours)); ) {
    if (await removeStale(path)) continue
    if (!told) onWait()
    told = true
    await pause(ASK_EVERY_MS)
  }
  return () => rm(path, { force: true })
}

/** A link appears with its content or not at all, and never over another one. */
async function take(path, content) {
  const mine = unique(path)
  await writeFile(mine, content)
  try {
    await link(mine, path)
    return true
  } catch (error) {
    if (error.code === 'EEXIST') return false
    throw error
  } finally {
    await rm(mine, { force: true })
  }
}

/** One process at a time, or what it removes could be the lock that another one took meanwhile. A guard whose holder died is stale itself. */
async function removeStale(path) {
  if (!(await isStale(path))) return false
  const unlock = await lock(`${path}.stale`, () => undefined)
  try {
    if (await isStale(path)) await rm(path, { force: true })
  } finally {
    await unlock()
  }
  return true
}

async function isStale(path) {
  const holder = await read(path)
  return holder !== null && !(await isHeld(holder))
}

/** Process ids are used again; with the time of its start an id names one process. */
async function isHeld(holder) {
  const [pid = '', started] = holder.split(' ')
  return (await startedAt(pid)) === started
}

/** In clock ticks since the machine's boot; null when there is no such process. */
async function startedAt(pid) {
  const stat = await read(`/proc/${pid}/stat`)
  // proc_pid_stat(5): field 22, counted behind the program's name, which may hold blanks and parentheses.
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null
}

function read(file) {
  return readFile(file, 'utf8').catch(() => null)
}

function unique(path) {
  return `${path}.${process.pid}-${randomBytes(4).toString('hex')}`
}
