/**
 * altered: what is kept is not what was written. gone: deleted, or older than sessions are kept. no-key: none of the keys here opens it.
 * full: there is no room for more. broken: the disk does not take it. unavailable: it may go well later.
 */
export type SessionErrorCode = 'altered' | 'gone' | 'no-key' | 'full' | 'broken' | 'unavailable'

export class SessionError extends Error {
  override readonly name = 'SessionError'
  readonly code: SessionErrorCode

  constructor(code: SessionErrorCode, message: string, cause?: unknown) {
    super(message, { cause })
    this.code = code
  }
}

export function altered(auditId: string, what: string): SessionError {
  return new SessionError('altered', `session ${auditId} is not as it was recorded: ${what}`)
}
