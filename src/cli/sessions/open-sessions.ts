import { readFile } from 'node:fs/promises'
import { parseAsciicast } from '../../session/asciicast/parse-asciicast.ts'
import type { SessionRecording } from '../../session/recording/session-event.ts'
import { openSessionKeys } from '../../session/store/keys/open-keys.ts'
import { createSessionSource, type SessionSource } from '../../session/store/reading/session-source.ts'
import { CliError } from '../command/cli-error.ts'
import { settings } from '../command/settings.ts'
import type { Terminal } from '../command/terminal.ts'
import { askRecord } from '../record/query/query-runner.ts'

export type OpenSessions = (terminal: Terminal) => Promise<SessionSource>

/** Of the record, with the keys that the settings name. */
export const openSessions: OpenSessions = async terminal => {
  const config = settings(terminal, ['sessionKeyFile', 'sessionKeyCommand'])
  // What looks after the file ends with this process.
  const keys = await openSessionKeys(config, problem => terminal.note(`leasegate: ${problem}\n`))
  return createSessionSource(request => askRecord(terminal, request), keys)
}

export interface Opened {
  readonly recording: SessionRecording
  /** As it was asked for. */
  readonly name: string
}

/** A session by its audit id, or an asciicast by the name of its file. */
export async function openRecording(terminal: Terminal, open: OpenSessions, name: string): Promise<Opened> {
  if (name.endsWith('.cast')) return { recording: await readCast(name), name }
  const recording = await (await open(terminal)).open(name)
  if (recording === null) throw new CliError('refused', 'nothing is kept of this session')
  return { recording, name }
}

async function readCast(file: string): Promise<SessionRecording> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new CliError('usage', `cannot read ${file}: ${error.code ?? error.message}`, error)
  })
  const recording = parseAsciicast(text)
  if (recording === null) throw new CliError('usage', `${file} is no asciicast`)
  return recording
}
