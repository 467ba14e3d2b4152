import { Command } from 'commander'
import { parseEnding } from '../../session/reading/parse-ending.ts'
import { summarise } from '../../session/reading/summarise.ts'
import { type TypedCommand, typedCommands } from '../../session/reading/typed-commands.ts'
import { printable } from '../../support/text/printable.ts'
import { outputOption, table, toJson } from '../command/output.ts'
import type { Terminal } from '../command/terminal.ts'
import { askSessions } from './ask-sessions.ts'
import { type OpenSessions, openRecording } from './open-sessions.ts'
import { timeText } from './text/time-text.ts'

/** Longer than any record is kept. */
const EVER = '3650d'

export function showCommand(terminal: Terminal, open: OpenSessions): Command {
  return new Command('show')
    .description('show one session: whose it was, how it ended, and what was typed at its prompts')
    .argument('<session>', 'its audit id, or an asciicast')
    .addOption(outputOption())
    .action(async (name: string, { output }: { readonly output: string }) => {
      const { recording } = await openRecording(terminal, open, name)
      const { lastMs, shown, typed, hidden, status } = await summarise(recording.events())
      const commands = await typedCommands(recording.events())
      const facts = {
        ...(name.endsWith('.cast') ? {} : await factsOf(terminal, name)),
        ...{ startedAt: recording.head.startedAt, verb: recording.head.verb, tty: recording.head.tty },
        ...{ lastMs, bytesShown: shown, bytesTyped: typed, bytesHidden: hidden, ended: parseEnding(status) },
      }
      terminal.print(output === 'json' ? toJson({ ...facts, commands }) : describe(facts, commands))
    })
}

async function factsOf(terminal: Terminal, session: string): Promise<Readonly<Record<string, unknown>>> {
  const { columns, rows } = await askSessions(terminal, { session, since: EVER })
  const [row = []] = rows
  return Object.fromEntries(
    columns.map(({ name }, at) => [name, row[at] ?? null]).filter(([, value]) => value !== null),
  )
}

function describe(facts: object, commands: readonly TypedCommand[]): string {
  const lines = Object.entries(facts).map(([name, value]) => `${name}: ${printable(textOf(value))}\n`)
  if (commands.length === 0) return [...lines, '\nno command was seen at a prompt\n'].join('')
  const rows = commands.map(({ atMs, command, known, exitCode }) => [
    ...[timeText(atMs), known, exitCode === null ? '' : String(exitCode), command],
  ])
  return [...lines, '\n', table(['at', 'known by', 'exit', 'command'], rows)].join('')
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
