import { Command } from 'commander'
import { type Found, searchSession } from '../../session/reading/search-session.ts'
import { printable } from '../../support/text/printable.ts'
import { CliError } from '../command/cli-error.ts'
import { outputOption, table, toJson } from '../command/output.ts'
import type { Terminal } from '../command/terminal.ts'
import { askSessions, column, type Wanted } from './ask-sessions.ts'
import { type Opened, type OpenSessions, openRecording } from './open-sessions.ts'
import { timeText } from './text/time-text.ts'

interface Options extends Wanted {
  readonly output: string
}

/** A text that is everywhere fills no memory. */
const MAX_FOUND = 1000
const LONGEST = 160

interface Hit extends Found {
  readonly session: string
}

export function searchCommand(terminal: Terminal, open: OpenSessions): Command {
  return new Command('search')
    .description('find lines that were shown or typed, in the sessions named or in all of a time')
    .argument('<text>', 'a part of the line, capitals or not')
    .argument('[sessions...]', 'audit ids or asciicasts (default: those that list would list)')
    .option('--since <time>', 'how far back', '7d')
    .option('--agent <name>', 'only of this agent')
    .option('--lease <id>', 'only under this lease')
    .addOption(outputOption())
    .action(async (text: string, sessions: readonly string[], { output, ...wanted }: Options) => {
      if (text === '') throw new CliError('usage', 'name a text to search for')
      const recordings = sessions.length > 0 ? named(terminal, open, sessions) : listed(terminal, open, wanted)
      const hits = await searchAll(recordings, text)
      terminal.print(output === 'json' ? toJson(hits) : describe(hits))
      if (hits.length === MAX_FOUND) terminal.note(`leasegate: only the first ${MAX_FOUND} lines are told\n`)
    })
}

async function sessionsOf(terminal: Terminal, wanted: Wanted): Promise<readonly string[]> {
  const result = await askSessions(terminal, wanted)
  const [id, kind, decision] = ['audit_id', 'kind', 'decision'].map(name => column(result, name))
  return result.rows
    .filter(row => row[kind ?? -1] !== 'portforward' && row[decision ?? -1] === 'allow')
    .map(row => String(row[id ?? -1]))
}

async function* named(terminal: Terminal, open: OpenSessions, names: readonly string[]): AsyncIterable<Opened> {
  for (const name of names) yield openRecording(terminal, open, name)
}

/** Of some nothing is kept any more, or never was: those are not asked for by name. */
async function* listed(terminal: Terminal, open: OpenSessions, wanted: Wanted): AsyncIterable<Opened> {
  const source = await open(terminal)
  for (const name of await sessionsOf(terminal, wanted)) {
    const recording = await source.open(name)
    if (recording !== null) yield { recording, name }
  }
}

async function searchAll(recordings: AsyncIterable<Opened>, text: string): Promise<readonly Hit[]> {
  const hits: Hit[] = []
  for await (const { recording, name } of recordings) {
    for await (const found of searchSession(recording.events(), text)) {
      if (hits.length === MAX_FOUND) return hits
      hits.push({ session: name, ...found })
    }
  }
  return hits
}

function describe(hits: readonly Hit[]): string {
  if (hits.length === 0) return 'no line holds it\n'
  const rows = hits.map(({ session, atMs, where, line }) => [
    ...[session, timeText(atMs), where, printable(line.trim()).slice(0, LONGEST)],
  ])
  return table(['session', 'at', 'where', 'line'], rows)
}
