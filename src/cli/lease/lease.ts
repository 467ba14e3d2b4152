import { Command } from 'commander'
import type { Terminal } from '../command/terminal.ts'
import { freezeCommand, thawCommand } from '../stop/stop.ts'
import { listCommand } from './list.ts'
import { narrowCommand } from './narrow.ts'
import { requestCommand } from './request.ts'
import { revokeCommand } from './revoke.ts'
import { showCommand } from './show.ts'
import { suggestCommand } from './suggest.ts'

export function leaseCommand(terminal: Terminal): Command {
  return new Command('lease')
    .addCommand(requestCommand(terminal))
    .addCommand(showCommand(terminal))
    .addCommand(listCommand(terminal))
    .addCommand(narrowCommand(terminal))
    .addCommand(revokeCommand(terminal))
    .addCommand(suggestCommand(terminal))
    .addCommand(freezeCommand(terminal))
    .addCommand(thawCommand(terminal))
}
