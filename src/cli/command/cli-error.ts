import type { CommanderError } from 'commander'
import { SessionError } from '../../session/store/session-error.ts'

export type CliErrorCode =
  /** Wrong options, settings or input. */
  | 'usage'
  /** Somebody who decides said no. */
  | 'refused'
  /** Nobody answered: it may work later. */
  | 'unavailable'
  /** What was waited for did not come in its time. */
  | 'timeout'

/** What a command could not do. The message is the one line that people and agents read. */
export class CliError extends Error {
  readonly code: CliErrorCode

  constructor(code: CliErrorCode, message: string, cause?: unknown) {
    super(message, { cause })
    this.code = code
  }
}

/** The broker said no, with this status. */
export class BrokerRefusal extends CliError {
  readonly status: number
  /** The question that what was asked for waits for. */
  readonly approval: string | null

  constructor(status: number, message: string, approval: string | null = null) {
    super('refused', message)
    this.status = status
    this.approval = approval
  }
}

/** A command that ran another one and ends as that did; all has been said. */
export class EndedWith extends Error {
  readonly exitCode: number

  constructor(exitCode: number) {
    super(`ended with exit code ${exitCode}`)
    this.exitCode = exitCode
  }
}

export const EXIT_CODES = { usage: 2, refused: 1, unavailable: 3, timeout: 2 } as const satisfies Record<
  CliErrorCode,
  number
>

interface Failure {
  readonly exitCode: number
  /** '' when it was said already. */
  readonly message: string
}

/** The only place that turns an error into an exit code and a line. */
export function toFailure(error: unknown): Failure {
  if (error instanceof EndedWith) return { exitCode: error.exitCode, message: '' }
  if (error instanceof CliError) return { exitCode: EXIT_CODES[error.code], message: error.message }
  if (error instanceof SessionError)
    return { exitCode: EXIT_CODES[error.code === 'no-key' ? 'usage' : 'refused'], message: error.message }
  if (isOfCommander(error)) return { exitCode: error.exitCode === 0 ? 0 : EXIT_CODES.usage, message: '' }
  return { exitCode: 70, message: error instanceof Error ? error.message : 'failed' }
}

/** Told without loading commander, which a kubectl that asks for a token would wait for. */
function isOfCommander(error: unknown): error is CommanderError {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('commander.')
}
