/** `refused`: somebody said no, or what came is not what was asked for; `unavailable`: the issuer cannot be asked; `late`: nobody answered in time. */
export type LoginErrorCode = 'refused' | 'unavailable' | 'late'

/** Why nobody logged in. The message is for people, and has nothing of a token in it. */
export class LoginError extends Error {
  readonly code: LoginErrorCode

  constructor(code: LoginErrorCode, message: string, cause?: unknown) {
    super(message, { cause })
    this.code = code
  }
}
