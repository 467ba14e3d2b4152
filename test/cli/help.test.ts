import { Readable } from 'node:stream'
import type { Command } from 'commander'
import { beforeAll, describe, expect, test } from 'vitest'
import { CLIENT_COMMANDS, LOCAL_COMMANDS } from '../../src/cli/commands.ts'
import { COMMAND_HELP } from '../../src/cli/help/add-help.ts'
import { PLATFORM_COMMANDS, ROLE_COMMANDS } from '../../src/cli/platform-commands.ts'
import { wholeProgram } from '../../src/cli/program.ts'
import { inProcess } from './setup/in-process.ts'

/** What prints nothing of its own, or always the same form. */
const WITHOUT_OUTPUT: Readonly<Record<string, string>> = {
  credential: 'an ExecCredential, which is JSON',
  run: 'what its command prints',
  mcp: 'the protocol',
  completion: 'a script',
  explain: 'JSON, a line a request',
  'sessions replay': 'what a terminal showed',
  'sessions export': 'an asciicast',
  'audit proof': 'a proof, in its own form',
  'audit check-proof': 'the row, which is JSON',
  authorizer: 'a log',
  broker: 'a log',
  tap: 'a log',
  companion: 'a log',
}

const GROUPS = { clients: CLIENT_COMMANDS, platform: PLATFORM_COMMANDS, parts: ROLE_COMMANDS }

const SILENT = {
  env: {},
  stdin: Readable.from([]),
  print: () => undefined,
  note: () => undefined,
  stopping: () => AbortSignal.timeout(60_000),
}

const ran = (...args: readonly string[]) => inProcess(args, {}, GROUPS)

/** By how each is called: those that do something, and do not only hold others. */
const commands = new Map<string, Command>()
beforeAll(async () => {
  const whole = await wholeProgram({ ...GROUPS, here: LOCAL_COMMANDS }, SILENT)
  for (const command of whole.commands) collect(command, command.name())
})

function collect(command: Command, path: string): void {
  if (command.commands.length === 0 || command.registeredArguments.length > 0) commands.set(path, command)
  for (const child of command.commands) collect(child, `${path} ${child.name()}`)
}

async function helpFor(path: string): Promise<string> {
  const { code, stdout, stderr } = await ran(...path.split(' '), '--help')
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return stdout
}

describe('the help of every command', () => {
  test('has an example of it, and says what its exit codes mean', async () => {
    expect(commands.size).toBeGreaterThan(60)
    const lacking: string[] = []
    for (const path of [...commands.keys(), 'completion']) {
      const help = await helpFor(path)
      if (!help.includes(`\nexample: leasegate ${path}`)) lacking.push(`${path}: no example`)
      if (!/\nexit codes: 0 .*; 2 /.test(help)) lacking.push(`${path}: no exit codes`)
    }
    expect(lacking).toEqual([])
  })

  test('is of commands that there are', () => {
    expect(Object.keys(COMMAND_HELP).filter(path => !commands.has(path) && path !== 'completion')).toEqual([])
  })

  test('is printed for who asks in the other way, too', async () => {
    expect(await ran('help', 'whoami')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('\nexample: leasegate whoami\n'),
    })
  })
})

describe('every example', () => {
  test('is a command line that is understood', async () => {
    const wrong: string[] = []
    const whole = await wholeProgram({ ...GROUPS, here: LOCAL_COMMANDS }, SILENT)
    for (const each of whole.commands) disarm(each)
    for (const [path, { examples }] of Object.entries(COMMAND_HELP)) {
      for (const example of path === 'completion' ? [] : examples) {
        const understood = await whole.parseAsync(words(example), { from: 'user' }).then(
          () => true,
          () => false,
        )
        if (!understood || !example.startsWith(path)) wrong.push(example)
      }
    }
    expect(wrong).toEqual([])
  })

  test('an option that there is not is found', async () => {
    const whole = await wholeProgram({ ...GROUPS, here: LOCAL_COMMANDS }, SILENT)
    for (const each of whole.commands) disarm(each)
    await expect(whole.parseAsync(words('lease show --fast'), { from: 'user' })).rejects.toThrow(/unknown option/)
  })
})

/** It reads its options and arguments, and does nothing. */
function disarm(command: Command): void {
  command.exitOverride().configureOutput({ writeErr: () => undefined, writeOut: () => undefined })
  if (command.commands.length === 0 || command.registeredArguments.length > 0) command.action(() => undefined)
  for (const child of command.commands) disarm(child)
}

/** As a shell cuts it; what goes on behind a pipe is another command. */
function words(line: string): readonly string[] {
  const [own = ''] = line.split(/ [|<>] /)
  return [...own.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '')
}

describe('-o json', () => {
  test('is known to every command that prints something of its own', () => {
    const hasIt = (command: Command) =>
      command.options.some(({ short, argChoices }) => short === '-o' && argChoices?.includes('json') === true)
    const without = [...commands].filter(([, command]) => !hasIt(command)).map(([path]) => path)
    expect(without.toSorted()).toEqual(
      Object.keys(WITHOUT_OUTPUT)
        .filter(path => path !== 'completion')
        .toSorted(),
    )
  })
})
