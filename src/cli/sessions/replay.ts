import { setTimeout as pause } from 'node:timers/promises'
import { Command } from 'commander'
import { parseDuration } from '../../policy/file/values/duration.ts'
import { searchSession } from '../../session/reading/search-session.ts'
import { replay } from '../../session/replay/replay.ts'
import { CliError } from '../command/cli-error.ts'
import type { Terminal } from '../command/terminal.ts'
import { type Opened, type OpenSessions, openRecording } from './open-sessions.ts'
import { endingText } from './text/ending-text.ts'

interface Options {
  readonly speed: string
  readonly idle: string
  readonly from?: string
  readonly grep?: string
}

/** Before what is searched for: enough to see where it comes from. */
const LEAD_MS = 1000

export function replayCommand(terminal: Terminal, open: OpenSessions): Command {
  return new Command('replay')
    .description('show a session in this terminal as it was shown; what would act on the terminal is left out')
    .argument('<session>', 'its audit id, or an asciicast')
    .option('--speed <times>', 'how much faster, such as 2 or 0.5', '1')
    .option('--idle <time>', 'no pause is longer, such as 500ms or 2s; none: as long as it was', '2s')
    .option('--from <time>', 'what was before is shown at once, such as 1m30s')
    .option('--grep <text>', 'from the first line on that holds this text')
    .addHelpText('after', '\nCtrl-C ends it.')
    .action(async (name: string, options: Options) => {
      const speed = Number(options.speed)
      if (!(speed > 0 && speed <= 1000)) throw new CliError('usage', '--speed is a number above 0, up to 1000')
      const idleMs = options.idle === 'none' ? null : parseTime('--idle', options.idle)
      const opened = await openRecording(terminal, open, name)
      const fromMs = await beginning(opened, options)
      const stopping = terminal.stopping()
      const wait = (ms: number) => pause(ms, undefined, { signal: stopping }).catch(() => {})
      const played = { speed, idleMs, fromMs, write: terminal.print, wait, stopping }
      terminal.note(endingText(await replay(opened.recording, played), 'the recording does not say how it ended'))
    })
}

async function beginning({ recording }: Opened, { from, grep }: Options): Promise<number> {
  if (from !== undefined) return parseTime('--from', from)
  if (grep === undefined) return 0
  for await (const { atMs } of searchSession(recording.events(), grep)) return Math.max(0, atMs - LEAD_MS)
  throw new CliError('refused', 'no line of this session holds that text')
}

function parseTime(option: string, text: string): number {
  const ms = /^\d{1,6}ms$/.test(text) ? Number(text.slice(0, -2)) : parseDuration(text)
  if (ms === null) throw new CliError('usage', `${option} is a time such as 500ms, 2s or 1m30s`)
  return ms
}
