import { readFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'

const TICKS_PER_SECOND = 100
const PAGE_BYTES = 4096

/** Fields 14 and 15 of /proc/PID/stat. */
export function cpuMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  return ((Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND) * 1000
}

export function residentMb(pid: number): number {
  return Math.round((Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]) * PAGE_BYTES) / 1e6)
}

const QUIET_MS = 1000

/** Until a process has done what is left over: the tap ships what it has kept. */
export async function untilIdle(pid: number): Promise<void> {
  for (let before = Number.NaN; ; ) {
    const now = cpuMs(pid)
    if (now - before < QUIET_MS / 20) return
    before = now
    await wait(QUIET_MS)
  }
}

export interface Resident {
  readonly before: number
  readonly most: number
  readonly after: number
}

/** Of each process while something runs, MB. */
export async function watchMemory<Name extends string>(
  pids: Readonly<Record<Name, number>>,
  act: () => Promise<unknown>,
): Promise<Readonly<Record<Name, Resident>>> {
  const names = Object.keys(pids) as Name[]
  const look = () => names.map(name => residentMb(pids[name]))
  const before = look()
  let most = before
  const timer = setInterval(() => {
    most = look().map((mb, index) => Math.max(mb, most[index] ?? 0))
  }, 50)
  await act()
  clearInterval(timer)
  const after = look()
  const entries = names.map((name, n) => [name, { before: before[n], most: most[n], after: after[n] }])
  return Object.fromEntries(entries)
}
