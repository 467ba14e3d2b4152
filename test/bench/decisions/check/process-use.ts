import { readFileSync } from 'node:fs'

const TICKS_PER_SECOND = 100

/** CPU that a process has used so far, microseconds (utime and stime of /proc/PID/stat: told by hundredths of a second). */
export function cpuMicros(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  return ((Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND) * 1e6
}

export function residentMib(pid: number): number {
  return Math.round((Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]) * 4096) / 2 ** 20)
}
