import { Command } from 'commander'
import { toFailure } from './cli-error.ts'
import { type Commands, OWN_COMMANDS } from './commands.ts'
import type { Terminal } from './terminal.ts'
import { readVersion } from './version.ts'

/** Runs one command line; resolves with the exit code when it is done. */
export async function run(args: readonly string[], terminal: Terminal, given: Commands): Promise<number> {
  const commands: Commands = { ...given, completion: shell => completion(shell, commands) }
  const program = new Command('leasegate').description('production access to Kubernetes for AI agents, by task leases')
  const [named = ''] = args
  const [known] = [commands, OWN_COMMANDS].flatMap(one => (Object.hasOwn(one, named) ? (one[named] ?? []) : []))
  const wanted = known === undefined ? Object.values(commands) : [known]
  for (const command of wanted) program.addCommand(await command(terminal))
  if (known === undefined) program.version(`leasegate ${await readVersion()}`, '-V, --version')
  quietly(program, terminal)
  try {
    await program.parseAsync(args, { from: 'user' })
    return 0
  } catch (error) {
    const { exitCode, message } = toFailure(error)
    if (message !== '') terminal.note(`leasegate: ${message}\n`)
    return exitCode
  }
}

async function completion(terminal: Terminal, commands: Commands): Promise<Command> {
  const { completionCommand } = await import('./completion/completion.ts')
  return completionCommand(terminal, async () => {
    const whole = new Command('leasegate')
    for (const command of Object.values(commands)) whole.addCommand(await command(terminal))
    return whole
  })
}

/** Commander throws instead of exiting, and its errors look like ours. */
function quietly(command: Command, terminal: Terminal): void {
  command.exitOverride().configureOutput({
    writeOut: terminal.print,
    writeErr: terminal.note,
    outputError: (text, write) => write(text.replace(/^error: /, 'leasegate: ')),
  })
  for (const child of command.commands) quietly(child, terminal)
}
