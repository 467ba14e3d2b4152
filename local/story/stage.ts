import type { Audited } from '../cluster/audit-log.ts'
import type { Names } from '../edition/names.ts'
import type { Ran } from '../process/run.ts'
import type { Transcript } from './transcript.ts'

/** A command that goes on until it is stopped or cut. */
export interface Running {
  readonly output: () => string
  /** Resolves when the output matches; rejects after the deadline, with what was seen. */
  readonly saw: (pattern: RegExp) => Promise<void>
  /** Resolves when the command has ended by itself, with the milliseconds that took; rejects after the deadline. */
  readonly ended: (deadlineMs: number) => Promise<number>
  readonly stop: () => Promise<void>
}

export interface ConsoleHere {
  readonly url: string
  /** Of everybody in it. */
  readonly password: string
  readonly caFile: string
}

/** Files of the agent's own certificate, as the agent names them. */
export interface CertificateHere {
  readonly certificateFile: string
  readonly keyFile: string
}

export type Who = 'agent' | 'approver' | 'admin'

export interface Platform {
  readonly kubeconfigFile: string
  readonly policyFile: string
  /** Public key of the record's ledger; null: it has none here. */
  readonly ledgerKeyFile: string | null
}

/** Where the story plays: real processes, whatever they are called. */
export interface Stage {
  readonly names: Names
  readonly transcript: Transcript
  /** Where `leasegate kubeconfig` writes for the agent. */
  readonly kubeconfigFile: string
  /** What a platform engineer has and no agent does. */
  readonly platform: Platform
  /** The agent's kubectl, through the boundary, with the kubeconfig that `leasegate kubeconfig` wrote. */
  readonly kubectl: (args: readonly string[], env?: Readonly<Record<string, string>>) => Promise<Ran>
  readonly kubectlRunning: (args: readonly string[]) => Running
  /** kubectl with a bare token, past or through the boundary. */
  readonly kubectlWith: (token: string, to: 'api-server' | 'boundary', args: readonly string[]) => Promise<Ran>
  /** Where people answer with a browser; null: this edition has no console. */
  readonly console: ConsoleHere | null
  /** What the agent may show when it connects; null: this edition asks nobody for a certificate. */
  readonly certificate: CertificateHere | null
  readonly leasegate: (who: Who, args: readonly string[], env?: Readonly<Record<string, string>>) => Promise<Ran>
  /** The agent's own identity token. */
  readonly identityToken: () => Promise<string>
  readonly audit: () => Promise<readonly Audited[]>
  /** Writes down one finding and shows it. */
  readonly check: (says: string, ok: boolean, seen?: string) => void
}

/** One part of the story; later ones build on what earlier ones left in `plot`. */
export interface Chapter {
  readonly title: string
  readonly play: (stage: Stage, plot: Plot) => Promise<void>
}

export interface Plot {
  lease: string
  /** Of a lease that lies within it; '' before there is one. */
  child: string
  /** Lease token that was good once. */
  oldToken: string
}

/** Asks again until the answer is good or the deadline has passed; returns the last answer. */
export async function until<T>(ask: () => Promise<T>, good: (answer: T) => boolean, deadlineMs: number): Promise<T> {
  const end = performance.now() + deadlineMs
  for (;;) {
    const asked = performance.now()
    const answer = await ask()
    if (good(answer) || performance.now() > end) return answer
    // To ask is mostly a command: what is waited for has as much of the machine.
    await new Promise(resolve => setTimeout(resolve, Math.max(100, performance.now() - asked)))
  }
}
