import { Command } from 'commander'
import { CliError } from './command/cli-error.ts'
import { reportFailure } from './command/report-failure.ts'
import type { Terminal } from './command/terminal.ts'
import {
  CLIENT_COMMANDS,
  type CommandGroups,
  type Commands,
  LOCAL_COMMANDS,
  type Loadable,
  OWN_COMMANDS,
} from './commands.ts'
import { withContext } from './context/with-context.ts'
import { readVersion } from './version.ts'

/** Whoever asks for help waits for the examples, and nobody else. */
const HELP: ReadonlySet<string> = new Set(['-h', '--help', 'help'])

/** Runs one command line; resolves with the exit code when it is done. */
export async function run(args: readonly string[], given: Terminal, groups: CommandGroups): Promise<number> {
  const own = { 'On this machine:': { ...LOCAL_COMMANDS, completion: completion({ ...groups, own: LOCAL_COMMANDS }) } }
  const all: CommandGroups = { ...groups, ...own }
  const program = new Command('leasegate').description('production access to Kubernetes for AI agents, by task leases')
  // `leasegate help COMMAND` is the help of that command.
  const [named = ''] = args[0] === 'help' ? args.slice(1) : args
  const wanted = [...Object.values(all), OWN_COMMANDS].find(one => Object.hasOwn(one, named))?.[named]
  const env = { ...given.env }
  const terminal = { ...given, env }
  const isOfClients = Object.hasOwn(CLIENT_COMMANDS, named)
  if (isOfClients || wanted?.asksBroker)
    program.hook('preAction', async (_, command) => {
      // The platform team's commands have a `--context` as well: that of a kubeconfig.
      Object.assign(env, await withContext(terminal, isOfClients ? command.opts() : {}))
    })
  try {
    const topic = args[0] === 'help' && wanted === undefined ? await topicOf(named) : null
    if (topic !== null) {
      terminal.print(topic)
      return 0
    }
    if (wanted !== undefined) program.addCommand(await loaded(wanted, terminal))
    else await nameAll(program, all)
    if (args.some(word => HELP.has(word))) await explained(program)
    quietly(program, terminal)
    await program.parseAsync(args, { from: 'user' })
    return 0
  } catch (error) {
    return reportFailure(error, terminal)
  }
}

async function explained(program: Command): Promise<void> {
  const { addHelp } = await import('./help/add-help.ts')
  for (const command of program.commands) addHelp(command)
}

async function nameAll(program: Command, all: CommandGroups): Promise<void> {
  program.version(`leasegate ${await readVersion()}`, '-V, --version')
  for (const [heading, commands] of Object.entries(all)) nameThem(program.commandsGroup(heading), commands)
  // Among the last of them.
  program.helpCommand(true)
  const { TOPICS } = await import('./help/topics.ts')
  program.addHelpText('after', `\nMore by leasegate help: ${Object.keys(TOPICS).join(', ')}`)
}

async function topicOf(name: string): Promise<string | null> {
  const { TOPICS } = await import('./help/topics.ts')
  return Object.hasOwn(TOPICS, name) ? ((await TOPICS[name]?.()) ?? null) : null
}

/** For the help: only a command that comes first is loaded. */
function nameThem(program: Command, commands: Commands): void {
  for (const [name, { about }] of Object.entries(commands)) {
    const [inShort = ''] = about.split(/[.;] /)
    program
      .command(name)
      .description(inShort)
      .action(() => {
        throw new CliError('usage', 'the command comes first')
      })
  }
}

async function loaded({ about, load }: Loadable, terminal: Terminal): Promise<Command> {
  return (await load(terminal)).description(about)
}

function completion(others: CommandGroups): Loadable {
  const about = 'print what makes a shell complete this command: source <(leasegate completion bash)'
  const load = async (terminal: Terminal) => {
    const { completionCommand } = await import('./completion/completion.ts')
    return completionCommand(terminal, () =>
      wholeProgram({ ...others, itself: { completion: { about, load } } }, terminal),
    )
  }
  return { about, load }
}

/** With every command loaded: for what looks at all of them. */
export async function wholeProgram(groups: CommandGroups, terminal: Terminal): Promise<Command> {
  const whole = new Command('leasegate')
  for (const command of Object.values(groups).flatMap(group => Object.values(group)))
    whole.addCommand(await loaded(command, terminal))
  return whole
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
