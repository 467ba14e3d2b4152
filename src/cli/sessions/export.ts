import { Command } from 'commander'
import { toAsciicast } from '../../session/asciicast/to-asciicast.ts'
import type { Terminal } from '../command/terminal.ts'
import { type OpenSessions, openRecording } from './open-sessions.ts'

interface Options {
  readonly raw?: true
}

export function exportCommand(terminal: Terminal, open: OpenSessions): Command {
  return new Command('export')
    .description('print a session as an asciicast, version 3, which asciinema and its players replay')
    .argument('<session>', 'its audit id, or an asciicast')
    .option('--raw', 'also what acts on a terminal: not for players that run in one')
    .action(async (name: string, { raw }: Options) => {
      const { recording } = await openRecording(terminal, open, name)
      for await (const line of toAsciicast(recording, { title: name, raw: raw === true })) terminal.print(line)
    })
}
