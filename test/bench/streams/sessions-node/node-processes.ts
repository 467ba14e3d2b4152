import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { cpuMs, residentMb } from '../sessions/processes.ts'

/** What a session passes through, and what it stands on; `rest` is whatever else the node runs. */
export const PARTS = ['kube-apiserver', 'kubelet', 'containerd', 'envoy', 'tap', 'rest'] as const
export type Part = (typeof PARTS)[number]

/** A process of the node, by its number outside. */
export interface NodeProcess {
  readonly pid: number
  readonly part: Part
}

/** All that runs in the node's own network, and below its first process: pods have networks of their own. */
export function processesOfNode(first: number): readonly NodeProcess[] {
  const parents = new Map<number, number>()
  for (const name of readdirSync('/proc')) {
    const parent = /^\d+$/.test(name) ? parentOf(Number(name)) : null
    if (parent !== null) parents.set(Number(name), parent)
  }
  const isBelow = (pid: number): boolean => {
    for (let at = pid; at > 1; at = parents.get(at) ?? 0) if (at === first) return true
    return false
  }
  const network = networkOf(first)
  const isHere = (pid: number) => isBelow(pid) || networkOf(pid) === network
  return [...parents.keys()].filter(isHere).map(pid => ({ pid, part: partOf(pid) }))
}

/** CPU that each part has taken so far, milliseconds; of processes that are gone nothing is known. */
export function cpuOfParts(processes: readonly NodeProcess[]): Readonly<Record<Part, number>> {
  return sums(processes, cpuMs)
}

export function residentOfParts(processes: readonly NodeProcess[]): Readonly<Record<Part, number>> {
  return sums(processes, residentMb)
}

function sums(processes: readonly NodeProcess[], measure: (pid: number) => number): Record<Part, number> {
  const all = Object.fromEntries(PARTS.map(part => [part, 0])) as Record<Part, number>
  for (const { pid, part } of processes) all[part] += orNothing(() => measure(pid)) ?? 0
  return all
}

function parentOf(pid: number): number | null {
  return orNothing(() => Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[1]))
}

function networkOf(pid: number): string | null {
  return orNothing(() => readlinkSync(`/proc/${pid}/ns/net`))
}

function partOf(pid: number): Part {
  const words = orNothing(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')) ?? []
  const [name = ''] = (words[0] ?? '').split('/').slice(-1)
  if (name.startsWith('containerd')) return 'containerd'
  if (name === 'node' && words.includes('tap')) return 'tap'
  return PARTS.find(part => part === name) ?? 'rest'
}

/** Processes end while they are looked at. */
function orNothing<T>(look: () => T): T | null {
  try {
    return look()
  } catch {
    return null
  }
}
