import { Command } from 'commander'
import { SETTINGS } from '../../config/settings.ts'
import type { Terminal } from '../command/terminal.ts'
import { placeOf } from '../token-cache/place.ts'
import { giveCredential } from './give-credential.ts'
import { type LeaseChoice, templateOption } from './lease-choice.ts'

export function credentialCommand(terminal: Terminal): Command {
  // A file with contexts has not been looked at yet: what it says is not what the answer to a next question can be found by.
  const isOfEnvironment = terminal.env[SETTINGS.brokerUrl.env] !== undefined
  return new Command('credential')
    .option('--lease <id>', 'the lease')
    .addOption(templateOption())
    .option('--lease-from <file>', 'the lease whose id stands in this file by then')
    .action((choice: LeaseChoice) =>
      giveCredential(terminal, choice, isOfEnvironment ? placeOf(choice, terminal.env) : null),
    )
}
