import { Command } from 'commander'
import { catalogueOf } from '../../policy/risk-rules/catalogue.ts'
import { table } from '../command/output.ts'
import type { Terminal } from '../command/terminal.ts'
import { telling } from '../command/told.ts'
import { readPolicy } from './read-policy.ts'

const BY_DEFAULT = { pass: 'passes', approval: 'asks', dangerous: 'refused' } as const

export function risksCommand(terminal: Terminal): Command {
  const command = new Command('risks')
    .description(
      'print what is known to be risky: what is built in, with the rules of a policy file where one is named',
    )
    .argument('[file]', 'the policy file')
  return telling(command, terminal, async (file?: string) => {
    const known = catalogueOf(file === undefined ? {} : await readPolicy(file))
    const rows = known.map(({ id, tier, disposition, why }) => [id, tier, BY_DEFAULT[disposition], `this ${why}`])
    return { value: known, text: table(['risk', 'tier', 'by default', 'what it is'], rows) }
  })
}
