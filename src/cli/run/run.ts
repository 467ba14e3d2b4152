import { type ChildProcess, spawn } from 'node:child_process'
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
import { takeLease } from './take-lease.ts'

export function runCommand(terminal: Terminal): Command {
  const command = new Command('run').argument(
    '<command...>',
    'after --: the command; KUBECONFIG names a kubeconfig that is only for it',
  )
  return wishOptions(command)
    .option('--renew-for <duration>', 'take further leases while the command runs, so long at most (default: none)')
    .addOption(execApiOption())
    .action(async (given: readonly string[], { renewFor, execApi, ...wish }: Options) => {
      const renewMs = renewFor === undefined ? null : renewTime(renewFor, wish)
      throw new EndedWith(await run(terminal, given, { wish, renewMs, execApi }))
    })
}

interface Options extends LeaseWish, Required<Pick<KubeconfigChoice, 'execApi'>> {
  readonly renewFor?: string
}

interface Asked extends Pick<Options, 'execApi'> {
  readonly wish: LeaseWish
  /** Null: it has the one lease. */
  readonly renewMs: number | null
}

async function run(
  terminal: Terminal,
  [program = '', ...args]: readonly string[],
  { wish, renewMs, ...use }: Asked,
): Promise<number> {
  const config = settings(terminal, KUBECONFIG_SETTINGS)
  const taken = await takeLease(terminal, config, wish, { ...use, follows: renewMs !== null })
  const { lease, kubeconfig, end } = taken
  terminal.note(begins(lease))
  const done = new AbortController()
  const renewing =
    renewMs === null ? null : keepRenewed({ terminal, wish, taken, until: Date.now() + renewMs, done: done.signal })
  try {
    const code = await runChild(program, args, { ...terminal.env, KUBECONFIG: kubeconfig })
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

/** A terminal sends Ctrl-C to everybody before it, so that one is not passed on. */
const PASSED_ON = ['SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'] as const

/** As a shell counts: 128 and the signal's number where one ended it. Rejects where it cannot be started. */
async function runChild(program: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  let child: ChildProcess | null = null
  const passOn = (signal: NodeJS.Signals) => void child?.kill(signal)
  const interrupt = () => (process.stdin.isTTY ? undefined : child?.kill('SIGINT'))
  // Before the command is there: none may end us once it can be seen to run.
  for (const signal of PASSED_ON) process.on(signal, passOn)
  process.on('SIGINT', interrupt)
  child = spawn(program, args, { env, stdio: 'inherit' })
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  child.once('error', error => reject(new CliError('usage', `cannot run ${program}: ${error.message}`)))
  child.once('exit', (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])))
  try {
    return await promise
  } finally {
    for (const signal of PASSED_ON) process.off(signal, passOn)
    process.off('SIGINT', interrupt)
  }
}
