import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { brokerClientFor } from '../../../broker/broker-client.ts'
import type { Terminal } from '../../../command/terminal.ts'
import { thisProgram } from '../../../command/this-program.ts'
import { endLeases, type LeaseEnded } from '../../../lease/end-leases.ts'
import type { Caller } from '../caller.ts'
import { ANSWERED, type Answered, type Told } from './keeper-words.ts'

/**
 * A process beside the server, and outside its terminal, which ends the leases of those who called: when it is told so, before the token of
 * a holder ends, and all of them once the server is gone. It is the only way in which they end, so that the way for bad days is walked each time.
 */
export class Keeper {
  readonly #terminal: Terminal
  readonly #child: ChildProcessByStdio<Writable, Readable, null>
  readonly #waiting = new Map<string, (ended: LeaseEnded) => void>()
  readonly #listeners = new Set<(answered: Answered) => void>()
  /** The newest token of each, for when the process is gone. */
  readonly #tokens = new Map<string, { readonly token: string; readonly expiresAt: number }>()
  #isGone = false
  /** Resolves when the process has ended. */
  readonly gone: Promise<void>

  constructor(terminal: Terminal) {
    this.#terminal = terminal
    const [program, ...before] = thisProgram()
    const stdio = ['pipe', 'pipe', 'inherit'] as ['pipe', 'pipe', 'inherit']
    this.#child = spawn(program, [...before, 'mcp-keeper'], {
      env: { ...terminal.env },
      detached: true,
      stdio,
    }) as never
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#child.once('close', resolve).once('error', () => resolve())
    this.#child.stdin.on('error', () => undefined)
    createInterface({ input: this.#child.stdout }).on('line', line => this.#hear(ANSWERED.parse(JSON.parse(line))))
    this.gone = promise.then(() => {
      this.#isGone = true
    })
  }

  /** Called for each lease that ended, whatever ended it. */
  onEnded(listener: (answered: Answered) => void): void {
    this.#listeners.add(listener)
  }

  renew({ identity: of, token, expiresAt }: Caller): void {
    if (expiresAt <= (this.#tokens.get(of)?.expiresAt ?? 0)) return
    this.#tokens.set(of, { token, expiresAt })
    this.#tell({ kind: 'token', of, token, expiresAt })
  }

  /** When the newest token of somebody ends; 0 of nobody. */
  tokenEndsAt(of: string): number {
    return this.#tokens.get(of)?.expiresAt ?? 0
  }

  hold(lease: string, of: string): void {
    this.#tell({ kind: 'hold', lease, of })
  }

  forget(lease: string): void {
    this.#tell({ kind: 'forget', lease })
  }

  async end(lease: string, of: string, reason: string): Promise<LeaseEnded> {
    const { promise, resolve } = Promise.withResolvers<LeaseEnded>()
    this.#waiting.set(lease, resolve)
    this.#tell({ kind: 'end', lease, reason })
    const ended = await Promise.race([promise, this.gone.then(() => null)])
    this.#waiting.delete(lease)
    // It was killed itself.
    return (
      ended ??
      endLeases(
        brokerClientFor(this.#terminal, () => this.#tokens.get(of)?.token ?? ''),
        [lease],
        { reason },
      )
    )
  }

  /** Nobody holds anything any more. */
  forgetHolder(of: string): void {
    this.#tokens.delete(of)
  }

  /** Ends what is left. */
  async stop(): Promise<void> {
    this.#child.stdin.end()
    await this.gone
  }

  #hear(answered: Answered): void {
    this.#waiting.get(answered.lease)?.(answered)
    for (const listener of this.#listeners) listener(answered)
  }

  #tell(told: Told): void {
    if (!this.#isGone) this.#child.stdin.write(`${JSON.stringify(told)}\n`)
  }
}
