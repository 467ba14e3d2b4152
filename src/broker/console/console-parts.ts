import type { Sessions } from '../../identity/sign-in/sessions.ts'
import type { SignIn, SignInAttempt } from '../../identity/sign-in/sign-in.ts'
import type { ConsoleDoctor } from './doctor/console-doctor.ts'
import type { ConsoleRecord } from './record/record.ts'

/** What the console has beside the broker's own parts. */
export interface ConsoleParts {
  /** Where browsers reach it, `https://host[:port]`: nothing is served under another name. */
  readonly origin: string
  readonly signIn: SignIn
  readonly sessions: Sessions
  /** As the longest session is: the browser forgets it then. */
  readonly sessionMs: number
  readonly sealAttempt: (attempt: SignInAttempt) => Promise<string>
  readonly openAttempt: (text: string) => Promise<SignInAttempt | null>
  /** Null: the broker was told of no way to it. */
  readonly record: ConsoleRecord | null
  readonly doctor: ConsoleDoctor
}
