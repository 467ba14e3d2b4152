import { Command } from 'commander'
import { JOURNAL_SETTINGS } from '../../config/roles.ts'
import type { DeadLetter, DeadLetters, ItemKey } from '../../record/journal/journal.ts'
import { toPatientRedisSettings } from '../../redis/connect/redis-settings.ts'
import { printable } from '../../support/text/printable.ts'
import { cannotReach } from '../command/cannot-reach.ts'
import { CliError } from '../command/cli-error.ts'
import { type Output, outputOption, table, toJson } from '../command/output.ts'
import { settings } from '../command/settings.ts'
import type { Terminal } from '../command/terminal.ts'
import { telling } from '../command/told.ts'

const CONNECT_MS = 3000
const ALL = 100_000
/** `00/1790000000000-0`: the stream, and the id in its dead letters. */
const NAME = /^([\w-]{1,32})\/(\d{1,20}-\d{1,20})$/

/** Journal entries that could not be recorded. They need the store's address, as the tap does. */
export function deadLettersCommand(terminal: Terminal): Command {
  const command = new Command('dead-letters').description(
    'journal entries that could not be read or that ClickHouse refused: they were set aside and hold up nobody',
  )
  command
    .command('list')
    .description('which there are, oldest first')
    .option('--limit <count>', 'of each stream at most', '100')
    .addOption(outputOption())
    .action(({ limit, output }: { readonly limit: string; readonly output: Output }) =>
      withLetters(terminal, async letters => terminal.print(listed(await letters.list(toLimit(limit)), output))),
    )
  command
    .command('show')
    .description('one of them in full')
    .argument('<letter>', 'its name in the list')
    .addOption(outputOption())
    .action((name: string, { output }: { readonly output: Output }) =>
      withLetters(terminal, async letters => {
        const letter = await letters.find(toKey(name))
        if (letter === null) throw new CliError('refused', `there is no dead letter ${name}`)
        terminal.print(output === 'json' ? toJson(letter) : shown(letter))
      }),
    )
  for (const { verb, does, did } of ENDS) {
    const ending = command
      .command(verb)
      .description(does)
      .argument('[letters...]', 'their names in the list')
      .option('--all', 'every one that there is now')
    telling(ending, terminal, (names: readonly string[], { all }: { readonly all?: true }) =>
      withLetters(terminal, async letters => {
        const keys = all === true ? await letters.list(ALL) : names.map(toKey)
        if (keys.length === 0 && all !== true) throw new CliError('usage', 'name dead letters, or say --all')
        const act = verb === 'replay' ? letters.rescue.bind(letters) : letters.drop.bind(letters)
        const { count, missing } = await actOn(keys, act)
        return {
          value: { done: count, missing },
          text: `${count} ${did}\n`,
          failure: missing.length === 0 ? null : new CliError('refused', `no longer there: ${missing.join(', ')}`),
        }
      }),
    )
  }
  return command
}

const ENDS = [
  { verb: 'replay', does: 'give them back to the journal, to be recorded once more', did: 'given back to the journal' },
  { verb: 'drop', does: 'forget them for good', did: 'dropped' },
] as const

async function actOn(
  keys: readonly ItemKey[],
  act: (key: ItemKey) => Promise<boolean>,
): Promise<{ readonly count: number; readonly missing: readonly string[] }> {
  const missing: string[] = []
  for (const key of keys) if (!(await act(key))) missing.push(`${key.stream}/${key.id}`)
  return { count: keys.length - missing.length, missing }
}

async function withLetters<T>(terminal: Terminal, act: (letters: DeadLetters) => Promise<T>): Promise<T> {
  const config = settings(terminal, JOURNAL_SETTINGS)
  const [{ connectRedis }, { RedisDeadLetters }, { RedisError }] = await Promise.all([
    import('../../redis/connect/connect-redis.ts'),
    import('../../record/journal/redis/redis-dead-letters.ts'),
    import('../../redis/redis-error.ts'),
  ])
  const link = connectRedis(toPatientRedisSettings(config), { info: () => {}, warn: () => {} })
  try {
    if (!(await link.whenReady(CONNECT_MS))) throw new CliError('unavailable', cannotReach(link.problem))
    return await act(new RedisDeadLetters(link, { partitions: config.partitions }))
  } catch (error) {
    throw error instanceof RedisError ? new CliError('unavailable', `the store: ${error.message}`, error) : error
  } finally {
    link.close()
  }
}

function toLimit(text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text)
  throw new CliError('usage', '--limit must be a number from 1 to 999999')
}

function toKey(name: string): ItemKey {
  const [, stream, id] = NAME.exec(name) ?? []
  if (stream === undefined || id === undefined) throw new CliError('usage', `${name} is no name of a dead letter`)
  return { stream, id }
}

function listed(letters: readonly DeadLetter[], output: Output): string {
  const rows = letters.map(({ stream, id, asideAt, problem }) => ({
    letter: `${stream}/${id}`,
    at: new Date(asideAt).toISOString(),
    problem,
  }))
  if (output === 'json') return toJson(rows)
  if (rows.length === 0) return 'no dead letters\n'
  return table(
    ['LETTER', 'SET ASIDE', 'PROBLEM'],
    rows.map(({ letter, at, problem }) => [letter, at, printable(problem)]),
  )
}

function shown({ stream, id, asideAt, problem, entry, settled }: DeadLetter): string {
  const lines = [
    `letter     ${stream}/${id}`,
    `set aside  ${new Date(asideAt).toISOString()}`,
    `problem    ${problem}`,
    `entry      ${entry}`,
    `settled    ${settled}`,
  ]
  return lines.map(line => `${printable(line)}\n`).join('')
}
