import { readdirSync, readFileSync } from 'node:fs'

const NANOSECONDS = 1000

/** CPU that the threads of a process have used so far, microseconds. */
export function cpuMicros(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`)
  return threads.reduce((sum, thread) => sum + ranFor(`/proc/${pid}/task/${thread}/schedstat`), 0) / NANOSECONDS
}

/** Of one that has ended since it was listed there is nothing. */
function ranFor(file: string): number {
  try {
    return Number(readFileSync(file, 'utf8').split(' ', 1)[0])
  } catch {
    return 0
  }
}

export function residentMib(pid: number): number {
  return Math.round(residentBytes(pid) / 2 ** 20)
}

export function residentBytes(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]) * 4096
}
