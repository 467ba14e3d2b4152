import { Command, Option } from 'commander'
import { z } from 'zod'
import { shellQuote } from '../../proof/shell-quote.ts'
import { printable } from '../../support/text/printable.ts'
import { findLease } from '../access/find-lease.ts'
import { type LeaseChoice, templateOption } from '../access/lease-choice.ts'
import { brokerClient } from '../broker/broker-client.ts'
import { CliError } from '../command/cli-error.ts'
import { outputOption, toJson } from '../command/output.ts'
import type { Terminal } from '../command/terminal.ts'
import { type Command as Client, readKubeconfig, recordCommand } from './record-command.ts'
import { wayOut } from './way-out.ts'

const SHOWN_BATCH = z.object({
  requests: z.array(
    z.object({
      summary: z.string(),
      verdict: z.enum(['allowed', 'denied', 'asks', 'pending', 'approved']),
      reason: z.string(),
      detail: z.string(),
      approval: z.string().nullable(),
    }),
  ),
  approval: z.string().nullable(),
})
type ShownBatch = z.infer<typeof SHOWN_BATCH>

interface Options extends LeaseChoice {
  readonly filename: readonly string[]
  readonly kustomize?: string
  readonly recursive?: boolean
  readonly serverSide?: boolean
  readonly output: string
}

const several = (value: string, before: readonly string[]): readonly string[] => [...before, value]

export function planCommand(terminal: Terminal): Command {
  return new Command('plan')
    .argument('[command...]', 'after --, the command; without it: kubectl apply of what -f or -k names')
    .option('-f, --filename <file>', 'as in kubectl apply: a file, a folder, or - for standard input', several, [])
    .option('-k, --kustomize <folder>', 'as in kubectl apply')
    .option('-R, --recursive', 'as in kubectl apply')
    .option('--server-side', 'as in kubectl apply')
    .addOption(new Option('--lease <id>', 'the lease (default: that of the kubeconfig)'))
    .addOption(templateOption())
    .addOption(outputOption())
    .action(async (command: readonly string[], options: Options) => {
      const client = await toClient(command, options, terminal)
      const { namespace, ...ofConfig } = await readKubeconfig(terminal)
      const isChosen = options.lease !== undefined || options.template !== undefined
      const broker = brokerClient(terminal)
      const lease = await findLease(broker, isChosen ? options : ofConfig)
      const recorded = await recordCommand(client, namespace, terminal)
      const again = [client.program, ...client.args].map(shellQuote).join(' ')
      if (recorded.length === 0) return terminal.print(`nothing would change: ${again}\n`)
      const requests = recorded.map(({ body, ...rest }) => ({ ...rest, body: body.toString('base64') }))
      const path = `/v1/leases/${encodeURIComponent(lease.id)}/plan`
      const shown = await broker('POST', path, SHOWN_BATCH, { requests })
      terminal.print(options.output === 'json' ? toJson(shown) : describe(shown, again))
      if (shown.requests.some(({ verdict }) => verdict === 'denied'))
        throw new CliError('refused', 'part of it is denied, so nobody was asked about the rest')
    })
}

async function toClient(command: readonly string[], options: Options, { stdin }: Terminal): Promise<Client> {
  const [program, ...given] = command
  const { filename, kustomize, recursive, serverSide } = options
  const isNamed = filename.length > 0 || kustomize !== undefined
  if (program !== undefined && isNamed) throw new CliError('usage', 'either -f or -k, or a command after --')
  if (program === undefined && !isNamed)
    throw new CliError('usage', 'what is planned? leasegate plan -f DIR, or leasegate plan -- kubectl apply -k DIR')
  const applying = [
    'apply',
    ...filename.flatMap(file => ['-f', file]),
    ...(kustomize === undefined ? [] : ['-k', kustomize]),
    ...(recursive === true ? ['-R'] : []),
    ...(serverSide === true ? ['--server-side'] : []),
  ]
  const args = program === undefined ? applying : given
  const leaves = wayOut(program ?? 'kubectl', args)
  if (leaves !== null) throw new CliError('usage', leaves)
  return { program: program ?? 'kubectl', args, input: args.includes('-') ? await readAll(stdin) : Buffer.alloc(0) }
}

async function readAll(stdin: Terminal['stdin']): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of stdin) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks)
}

function describe({ requests, approval }: ShownBatch, again: string): string {
  const lines = requests.map(request => `  ${SAYS[request.verdict].padEnd(8)}  ${printable(lineOf(request))}`)
  return `${[...lines, ...nextOf(requests, approval, again)].join('\n')}\n`
}

const SAYS = { allowed: 'passes', denied: 'denied', asks: 'asks', pending: 'waits', approved: 'has a yes' } as const

function lineOf({ summary, reason, detail, approval, verdict }: ShownBatch['requests'][number]): string {
  const said = verdict === 'denied' ? `${summary}: ${reason}${detail === '' ? '' : `, ${detail}`}` : summary
  return approval === null ? said : `${said}   (${approval})`
}

/** The next command, for whoever reads this to type. */
function nextOf(requests: ShownBatch['requests'], approval: string | null, again: string): readonly string[] {
  if (requests.some(({ verdict }) => verdict === 'denied')) return []
  const waited = [...new Set(requests.flatMap(one => (one.verdict === 'pending' ? (one.approval ?? []) : [])))]
  const all = [...(approval === null ? [] : [approval]), ...waited]
  return [
    ...all.map(id => `  an approver decides: leasegate approve ${id}   wait for it: leasegate approvals wait ${id}`),
    `  then: ${again}`,
  ]
}
