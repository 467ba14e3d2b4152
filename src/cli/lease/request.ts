import { readFile } from 'node:fs/promises'
import { Command, Option } from 'commander'
import { SETTINGS } from '../../config/settings.ts'
import { timeLeft } from '../../support/time/time-left.ts'
import { type BrokerClient, brokerClient } from '../broker/broker-client.ts'
import { CliError } from '../command/cli-error.ts'
import { outputOption, toJson } from '../command/output.ts'
import type { Terminal } from '../command/terminal.ts'
import { forgetTokens } from '../token-cache/forget-tokens.ts'
import { type Patience, patiently } from './patiently.ts'
import { SHOWN_LEASE, type ShownLease } from './shown-lease.ts'

/** As the options name it. */
export interface LeaseWish {
  readonly template: string
  readonly reason: string
  readonly task?: string | undefined
  readonly ticket?: string | undefined
  readonly param?: readonly string[] | undefined
  readonly ttl?: string | undefined
  readonly namespace?: readonly string[] | undefined
  readonly parent?: string | undefined
  readonly forAgent?: string | undefined
  /** File with the token of whoever the agent acts for. */
  readonly onBehalfOf?: string | undefined
}

interface Options extends Omit<LeaseWish, 'template'> {
  readonly template?: string
  /** Audit id of the request that it is for. */
  readonly for?: string
  readonly wait?: string
  readonly onBehalfOfLogin?: true
  readonly clientCert?: string
  readonly clientKey?: string
  readonly output: string
}

export function requestCommand(terminal: Terminal): Command {
  return asking(new Command('request').description('ask for a lease for one task'))
    .option('--for <audit-id>', 'what covers this refused request: the only template that does, or --template')
    .addOption(templateOption())
    .option('--for-agent <name>', 'hand it to another registered agent, out of the lease of yours that --parent names')
    .addOption(
      new Option(
        '--on-behalf-of-login',
        'a person lets you act for them with a code that they enter in any browser',
      ).conflicts('onBehalfOf'),
    )
    .option('--wait <duration>', 'where somebody has to say yes to the lease: wait so long for it')
    .option('--client-cert <file>', 'bind the lease to this client certificate (default: LEASEGATE_CLIENT_CERT_FILE)')
    .option('--client-key <file>', 'its key (default: LEASEGATE_CLIENT_KEY_FILE)')
    .addOption(outputOption())
    .action(
      async ({ output, clientCert, clientKey, for: refused, template, wait, onBehalfOfLogin, ...others }: Options) => {
        const broker = brokerClient(showing(terminal, clientCert, clientKey))
        const wish = await wishOf({ ...others, template }, refused, broker)
        const consent = onBehalfOfLogin === true ? await consentOf(terminal) : null
        const body = { ...(await bodyOf(wish, terminal.stdin)), ...(consent === null ? {} : { onBehalfOf: consent }) }
        const ask = () => askFor(broker, body)
        const note = (text: string) => terminal.note(text)
        const lease = wait === undefined ? await ask() : await patiently(ask, broker, { wait, note })
        // From now on it is the newest of its template, where it is one's own.
        if (lease.delegated === undefined) forgetTokens(terminal.env, ({ template: of }) => of === lease.template)
        terminal.print(output === 'json' ? toJson(lease) : describe(lease))
      },
    )
}

/** Loaded when it is needed: most agents act for nobody, or bring a token. */
async function consentOf(terminal: Terminal): Promise<string> {
  const { consentByLogin } = await import('./consent-by-login.ts')
  return consentByLogin(terminal)
}

async function wishOf(
  { template, ...wish }: Omit<LeaseWish, 'template'> & { readonly template: string | undefined },
  refused: string | undefined,
  broker: BrokerClient,
): Promise<LeaseWish> {
  if (refused !== undefined) {
    const { wishFor } = await import('./wish-for.ts')
    return wishFor(refused, { template, ...wish }, broker)
  }
  if (template === undefined)
    throw new CliError('usage', 'name a task template with --template, or a refusal with --for')
  return { template, ...wish }
}

/** With this certificate in place of that of the settings. */
function showing(terminal: Terminal, cert?: string, key?: string): Terminal {
  const given = {
    ...(cert === undefined ? {} : { [SETTINGS.clientCertFile.env]: cert }),
    ...(key === undefined ? {} : { [SETTINGS.clientKeyFile.env]: key }),
  }
  return { ...terminal, env: { ...terminal.env, ...given } }
}

/** What a lease is asked for with, of every command that does. */
export function wishOptions(command: Command): Command {
  return asking(command).addOption(templateOption().makeOptionMandatory())
}

function templateOption(): Option {
  return new Option('--template <name>', 'task template, see: leasegate whoami')
}

function asking(command: Command): Command {
  return command
    .requiredOption('--reason <text>', 'why; it goes into the record')
    .option('--task <name>', "what you call your work (default: the template's name)")
    .option('--ticket <id>', 'ticket or incident')
    .option('--param <name=value...>', 'what stands in a place of the template, see: leasegate whoami')
    .option('--ttl <duration>', 'how long, such as 10m or 1h30m (default: 10m)')
    .option('--namespace <name...>', 'namespaces that the task needs (default: all that are granted)')
    .option('--on-behalf-of <file>', 'token by which a person lets you act for them; - for standard input')
    .option('--parent <lease>', 'lease of yours that this one lies within and ends with')
}

/** `patience`: not there where nobody waits for a person to say yes to it. */
export async function requestLease(
  broker: BrokerClient,
  wish: LeaseWish,
  stdin: Terminal['stdin'],
  patience?: Patience,
): Promise<ShownLease> {
  // What stands in standard input is read once.
  const body = await bodyOf(wish, stdin)
  const ask = () => askFor(broker, body)
  return patience === undefined ? ask() : patiently(ask, broker, patience)
}

function askFor(broker: BrokerClient, body: object): Promise<ShownLease> {
  return broker('POST', '/v1/leases', SHOWN_LEASE, body)
}

async function bodyOf({ namespace, param, onBehalfOf, ...wish }: LeaseWish, stdin: Terminal['stdin']): Promise<object> {
  return {
    ...wish,
    ...(onBehalfOf === undefined ? {} : { onBehalfOf: await readConsent(onBehalfOf, stdin) }),
    ...(namespace === undefined ? {} : { namespaces: namespace }),
    ...(param === undefined ? {} : { parameters: Object.fromEntries(param.map(toParameter)) }),
  }
}

async function readConsent(file: string, stdin: Terminal['stdin']): Promise<string> {
  const text = file === '-' ? await allOf(stdin) : await readFile(file, 'utf8').catch(() => '')
  const token = text.trim()
  if (/^[\w.~+/-]+=*$/.test(token)) return token
  throw new CliError('usage', `--on-behalf-of: there is no token in ${file === '-' ? 'what was sent' : file}`)
}

async function allOf(stdin: Terminal['stdin']): Promise<string> {
  let text = ''
  for await (const chunk of stdin) text += String(chunk)
  return text
}

function toParameter(text: string): readonly [name: string, value: string] {
  const at = text.indexOf('=')
  if (at > 0) return [text.slice(0, at), text.slice(at + 1)]
  throw new CliError('usage', '--param is NAME=VALUE')
}

function describe({ id, agent, template, namespaces, expiresAt, holder, delegated }: ShownLease): string {
  const where = namespaces.length === 0 ? 'the cluster-scoped rules alone' : namespaces.join(', ')
  return (
    `${id}\n` +
    `  ${template} in ${where}, ends in ${timeLeft(expiresAt + 500, Date.now())} (${new Date(expiresAt).toISOString()})\n` +
    (holder === undefined ? '' : `  bound to ${BOUND[holder.boundTo]} of ${holder.name}\n`) +
    (delegated === undefined
      ? `  next: leasegate kubeconfig --lease ${id} --out kubeconfig.yaml && export KUBECONFIG=$PWD/kubeconfig.yaml\n`
      : `  for agent ${agent}, which uses it with: leasegate kubeconfig --lease ${id}\n`)
  )
}

const BOUND = { certificate: 'this client certificate', name: 'the client certificates' } as const
