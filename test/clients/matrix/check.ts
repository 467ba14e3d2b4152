import { ClientProgram, type Command, type Line } from '../client-program.ts'
import type { Capability } from './capabilities.ts'

/** What a program could read of a refusal. */
export interface Refusal {
  readonly status: number | null
  readonly reason: string | null
  readonly message: string
  readonly causes: readonly string[]
}

export interface Said extends Line {
  readonly capability?: Capability
  readonly saw?: unknown
  readonly error?: Refusal | string | null
  readonly name?: string
  readonly type?: string
  readonly keys?: readonly string[]
}

/** Where a program works, and what its own objects begin with. */
export interface Place {
  readonly kubeconfig: string
  readonly namespace: string
  readonly prefix: string
  readonly deployment: string
}

export function start(command: Command, task: string, { kubeconfig, namespace, prefix, deployment }: Place) {
  return new ClientProgram<Said>(command, [task, kubeconfig, namespace, prefix, deployment])
}

export interface Outcome {
  readonly ok: boolean
  /** The same for everybody who did it well. */
  readonly saw: unknown
}

export interface Checked {
  readonly outcomes: ReadonlyMap<Capability, Outcome>
  readonly errors: string
}

/** The whole list, to the program's end. */
export async function check(command: Command, place: Place): Promise<Checked> {
  const program = start(command, 'check', place)
  await program.exited
  const outcomes = program.said.flatMap(({ says, capability, saw, error }) =>
    capability === undefined ? [] : [[capability, { ok: says === 'did', saw: says === 'did' ? saw : error }] as const],
  )
  return { outcomes: new Map(outcomes), errors: program.errors }
}
