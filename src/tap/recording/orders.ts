import type { TapConfig } from '../../config/roles.ts'
import type { Row } from '../../record/record-sink.ts'

/** What the tap asks of its recorder, in this order. */
export type Order =
  /** Opens spool and keys. */
  | { readonly kind: 'open' }
  /** Brings what is in the spool into the record, and listens for Envoy. */
  | { readonly kind: 'begin' }
  /** Shows that the thread turns. */
  | { readonly kind: 'answer' }
  /** Waits so long for sessions that run, and cuts the rest. */
  | { readonly kind: 'stop-listening'; readonly graceMs: number }
  /** Brings what is left into the record, as far as that goes within the time. */
  | { readonly kind: 'stop'; readonly withinMs: number }

/** What the recorder asks of the tap, which has the record: to write these. */
export interface Wish {
  readonly rows: readonly Row[]
  readonly name: string | undefined
}

/** What of the settings is the recorder's: it gets no other. */
export const RECORDER_SETTINGS = [
  'logLevel',
  'recorderListen',
  'tlsCertFile',
  'tlsKeyFile',
  'tlsClientCaFile',
  'tlsClientName',
  'sessionInputs',
  'sessionCommands',
  'sessionsDirectory',
  'sessionsSpool',
  'sessionKeyFile',
  'sessionKeyCommand',
] as const satisfies readonly (keyof TapConfig)[]

export type RecorderConfig = Pick<TapConfig, (typeof RECORDER_SETTINGS)[number]>
