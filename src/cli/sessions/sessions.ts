import { Command } from 'commander'
import type { Terminal } from '../command/terminal.ts'
import { deleteSessionsCommand } from './delete.ts'
import { exportCommand } from './export.ts'
import { listCommand } from './list.ts'
import { endCommand } from './live/end.ts'
import { followCommand } from './live/follow.ts'
import { watchCommand } from './live/watch.ts'
import { type OpenSessions, openSessions } from './open-sessions.ts'
import { replayCommand } from './replay.ts'
import { searchCommand } from './search.ts'
import { showCommand } from './show.ts'

export function sessionsCommand(terminal: Terminal, open: OpenSessions = openSessions): Command {
  return new Command('sessions')
    .addCommand(listCommand(terminal))
    .addCommand(showCommand(terminal, open))
    .addCommand(replayCommand(terminal, open))
    .addCommand(followCommand(terminal, open))
    .addCommand(watchCommand(terminal, open))
    .addCommand(endCommand(terminal))
    .addCommand(searchCommand(terminal, open))
    .addCommand(exportCommand(terminal, open))
    .addCommand(deleteSessionsCommand(terminal))
}
