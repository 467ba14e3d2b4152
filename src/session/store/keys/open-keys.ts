import { SessionError } from '../session-error.ts'
import { commandKeys } from './key-command.ts'
import { openKeyFile } from './key-file.ts'
import type { SessionKeys } from './session-keys.ts'

export interface KeySettings {
  readonly sessionKeyFile: string | null
  readonly sessionKeyCommand: string | null
}

export interface OpenedKeys extends SessionKeys {
  close(): void
}

/** Where the settings say that the keys are. Rejects with a SessionError when they say nothing, or both, or it cannot be used. */
export async function openSessionKeys(
  { sessionKeyFile, sessionKeyCommand }: KeySettings,
  onProblem: (message: string) => void,
): Promise<OpenedKeys> {
  if (sessionKeyFile !== null && sessionKeyCommand !== null) {
    throw new SessionError('no-key', 'set one of LEASEGATE_SESSION_KEY_FILE and LEASEGATE_SESSION_KEY_COMMAND')
  }
  if (sessionKeyCommand !== null) return { ...commandKeys(sessionKeyCommand), close: () => {} }
  if (sessionKeyFile === null) {
    throw new SessionError('no-key', 'set LEASEGATE_SESSION_KEY_FILE or LEASEGATE_SESSION_KEY_COMMAND')
  }
  return openKeyFile(sessionKeyFile, onProblem).catch((error: Error) => {
    throw new SessionError('no-key', error.message, error)
  })
}
