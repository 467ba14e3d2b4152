import { Command } from 'commander'
import { CliError, toFailure } from './cli-error.ts'
import { CLIENT_COMMANDS, type Commands, LOCAL_COMMANDS, type Loadable, OWN_COMMANDS } from './commands.ts'
import { withContext } from './context/with-context.ts'
import type { Terminal } from './terminal.ts'
import { readVersion } from './version.ts'

/** Runs one command line; resolves with the exit code when it is done. */
export async function run(args: readonly string[], given: Terminal, known: Commands): Promise<number> {
  const others: Commands = { ...known, ...LOCAL_COMMANDS }
  const commands: Commands = { ...others, completion: completion(others) }
  const program = new Command('leasegate').description('production access to Kubernetes for AI agents, by task leases')
  // `leasegate help COMMAND` is the help of that command.
  const [named = ''] = args[0] === 'help' ? args.slice(1) : args
  const wanted = [commands, OWN_COMMANDS].find(one => Object.hasOwn(one, named))?.[named]
  const env = { ...given.env }
  const terminal = { ...given, env }
  if (Object.hasOwn(CLIENT_COMMANDS, named))
    program.hook('preAction', async () => void Object.assign(env, await withContext(terminal)))
  if (wanted !== undefined) program.addCommand(await loaded(wanted, terminal))
  else {
    // Named for the help; only a command that comes first is loaded.
    for (const [name, { about }] of Object.entries(commands)) program.command(name).description(about).action(notFirst)
    program.version(`leasegate ${await readVersion()}`, '-V, --version')
  }
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

function notFirst(): never {
  throw new CliError('usage', 'the command comes first')
}

async function loaded({ about, load }: Loadable, terminal: Terminal): Promise<Command> {
  return (await load(terminal)).description(about)
}

function completion(given: Commands): Loadable {
  const about = 'print what makes a shell complete this command: source <(leasegate completion bash)'
  const load = async (terminal: Terminal) => {
    const { completionCommand } = await import('./completion/completion.ts')
    return completionCommand(terminal, async () => {
      const whole = new Command('leasegate')
      for (const command of Object.values(commands)) whole.addCommand(await loaded(command, terminal))
      return whole
    })
  }
  const commands: Commands = { ...given, completion: { about, load } }
  return { about, load }
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
