import type { Session } from '../../identity/sign-in/session.ts'
import type { BrokerParts, Person } from '../parts.ts'
import type { ConsoleParts } from './console-parts.ts'

export type WithConsole = BrokerParts & { readonly console: ConsoleParts }

/** What a request of somebody who signed in carries. */
export interface ConsoleEnv {
  readonly Variables: { readonly principal: Person; readonly session: Session }
}
