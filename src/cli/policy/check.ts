import { Command } from 'commander'
import { checkPolicy, describeWarning } from '../../policy/check.ts'
import type { Terminal } from '../terminal.ts'
import { readPolicy } from './read-policy.ts'

export function checkCommand(terminal: Terminal): Command {
  return new Command('check')
    .description('say everything that is wrong with a policy file, and what is most likely not meant')
    .argument('<file>', 'the policy file')
    .action(async (file: string) => {
      const policy = await readPolicy(file)
      const warnings = checkPolicy(policy)
      for (const warning of warnings) terminal.note(`${file}: warning: ${describeWarning(warning)}\n`)
      const { agents, people, templates } = policy
      const holds = [count(agents.length, 'agent'), count(people.length, 'person'), count(templates.length, 'template')]
      terminal.print(`${file} is good: ${holds.join(', ')}, ${count(warnings.length, 'warning')}\n`)
    })
}

function count(number: number, what: 'agent' | 'person' | 'template' | 'warning'): string {
  if (number === 1) return `1 ${what}`
  return `${number} ${what === 'person' ? 'people' : `${what}s`}`
}
