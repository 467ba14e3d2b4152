import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { Command } from 'commander'
import { timeLeft } from '../../support/time/time-left.ts'
import { KUBECONFIG_SETTINGS, type KubeconfigChoice } from '../access/kubeconfig-for.ts'
import { execApiOption } from '../access/lease-choice.ts'
import { CliError, EndedWith } from '../command/cli-error.ts'
import { settings } from '../command/settings.ts'
import type { Terminal } from '../command/terminal.ts'
import { type LeaseWish, wishOptions } from '../lease/request.ts'
import type { ShownLease } from '../lease/shown-lease.ts'
import { keepRenewed, renewTime } from './renew.ts'
import { Signals } from './signals.ts'
import { type TakenLease, takeLease } from './take-lease.ts'

export function runCommand(terminal: Terminal): Command {
  const command = new Command('run').argument(
    '<command...>',
    'after --: the command; KUBECONFIG names a kubeconfig that is only for it',
  )
  return wishOptions(command)
    .option('--renew-for <duration>', 'take further leases while the command runs, so long at most (default: none)')
    .option('--wait <duration>', WAIT)
    .addOption(execApiOption())
    .action(async (given: readonly string[], { renewFor, wait, execApi, ...wish }: Options) => {
      const renewMs = renewFor === undefined ? null : renewTime(renewFor, wish)
      throw new EndedWith(await run(terminal, given, { wish, wait, renewMs, execApi }))
    })
}

const WAIT =
  'where somebody has to say yes to the lease: wait so long for it (default: as long as the question is open)'

interface Options extends LeaseWish, Required<Pick<KubeconfigChoice, 'execApi'>> {
  readonly renewFor?: string
  readonly wait?: string
}

interface Asked extends Pick<Options, 'execApi'> {
  readonly wish: LeaseWish
  readonly wait: string | undefined
  /** Null: it has the one lease. */
  readonly renewMs: number | null
}

async function run(
  terminal: Terminal,
  command: readonly string[],
  { wish, wait, renewMs, ...use }: Asked,
): Promise<number> {
  const config = settings(terminal, KUBECONFIG_SETTINGS)
  // Before a lease is asked for: from then on none may end us without ending it.
  const signals = new Signals()
  try {
    const patience = { wait, note: (text: string) => terminal.note(text), stopped: signals.ended }
    const taken = await takeLease(terminal, config, wish, { ...use, follows: renewMs !== null, tells: true, patience })
    const { kept } = signals
    if (kept !== null) {
      terminal.note((await taken.end(`told to end (${kept}) before a command ran`)).said)
      return 128 + constants.signals[kept]
    }
    const until = renewMs === null ? null : Date.now() + renewMs
    return await runUnder(taken, { terminal, command, wish, until, signals })
  } catch (error) {
    const { kept } = signals
    if (kept === null) throw error
    terminal.note(`leasegate: told to end (${kept}) before there was a lease\n`)
    return 128 + constants.signals[kept]
  } finally {
    signals.stop()
  }
}

interface Running {
  readonly terminal: Terminal
  readonly command: readonly string[]
  readonly wish: LeaseWish
  /** How long others follow the lease, epoch milliseconds. Null: it has the one. */
  readonly until: number | null
  readonly signals: Signals
}

async function runUnder(
  taken: TakenLease,
  { terminal, command: [program = '', ...args], wish, until, signals }: Running,
): Promise<number> {
  const { lease, kubeconfig, end } = taken
  terminal.note(begins(lease))
  const done = new AbortController()
  const renewing = until === null ? null : keepRenewed({ terminal, wish, taken, until, done: done.signal })
  try {
    const code = await runChild(program, args, { ...terminal.env, KUBECONFIG: kubeconfig }, signals)
    done.abort()
    await renewing
    terminal.note((await end(`${program} ended with exit code ${code}`)).said)
    return code
  } catch (error) {
    done.abort()
    await renewing
    terminal.note((await end('it could not be run')).said)
    throw error
  }
}

function begins({ id, template, namespaces, expiresAt }: ShownLease): string {
  const where = namespaces.length === 0 ? '' : ` in ${namespaces.join(', ')}`
  return `leasegate: lease ${id}, ${template}${where}, for ${timeLeft(expiresAt + 500, Date.now())} at most\n`
}

/** As a shell counts: 128 and the signal's number where one ended it. Rejects where it cannot be started. */
async function runChild(
  program: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  signals: Signals,
): Promise<number> {
  const child = spawn(program, args, { env, stdio: 'inherit' })
  signals.passTo(child)
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  child.once('error', error => reject(new CliError('usage', `cannot run ${program}: ${error.message}`)))
  child.once('exit', (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])))
  try {
    return await promise
  } finally {
    signals.stop()
  }
}
