import { anyAddress, integer, oneOf, path } from '../parsers.ts'
import type { Setting } from './setting.ts'

/** Recorded sessions, and the keys that open them. */
export const SESSION_SETTINGS = {
  recorderListen: {
    env: 'LEASEGATE_RECORDER_LISTEN',
    parse: anyAddress,
    fallback: null,
    doc: 'Where the tap listens for the sessions that Envoy has recorded; as for the authorizer. Goes with LEASEGATE_SESSIONS_DIRECTORY.',
  },
  sessionInputs: {
    env: 'LEASEGATE_SESSION_INPUTS',
    parse: oneOf('kept', 'masked', 'left-out'),
    fallback: 'masked',
    doc: 'What is kept of standard input: all of it, what the terminal showed, or how many bytes there were; see docs/sessions.md.',
  },
  sessionCommands: {
    env: 'LEASEGATE_SESSION_COMMANDS',
    parse: oneOf('sealed', 'masked'),
    fallback: 'sealed',
    doc: 'Whether commands that are typed in recorded sessions are also written as rows, masked and not sealed, for those who may watch sessions; see docs/sessions.md.',
  },
  sessionsDirectory: {
    env: 'LEASEGATE_SESSIONS_DIRECTORY',
    parse: path,
    fallback: null,
    doc: 'Folder of one tap alone, in which recorded sessions are, sealed, until the record has them; goes with LEASEGATE_SESSION_KEY_FILE or LEASEGATE_SESSION_KEY_COMMAND. Without it no session is recorded.',
  },
  sessionsSpool: {
    env: 'LEASEGATE_SESSIONS_SPOOL_MIB',
    parse: integer({ min: 8, max: 1_048_576 }),
    fallback: '1024',
    doc: 'How many MiB that folder may hold while the record is away; past nine tenths of it no new session begins.',
  },
  sessionKeyFile: {
    env: 'LEASEGATE_SESSION_KEY_FILE',
    parse: path,
    fallback: null,
    doc: 'Keys that the key of each session is wrapped with, as leasegate keys sessions makes them; the first wraps, all open. Read again when it changes.',
  },
  sessionKeyCommand: {
    env: 'LEASEGATE_SESSION_KEY_COMMAND',
    parse: path,
    fallback: null,
    doc: 'Program that wraps and opens the keys of sessions instead of the file, a key management service for example; see docs/sessions.md.',
  },
} as const satisfies Record<string, Setting<unknown>>
