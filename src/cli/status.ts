import { Command } from 'commander'
import { z } from 'zod'
import { timeLeft } from '../support/time/time-left.ts'
import { WHOAMI, type WhoAmI } from './access/whoami.ts'
import { describeHeld, SHOWN_HOLDS, type ShownHold } from './agent/shown-hold.ts'
import { type BrokerClient, brokerClient } from './broker/broker-client.ts'
import { readPages } from './broker/read-pages.ts'
import { outputOption, table, toJson } from './command/output.ts'
import type { Terminal } from './command/terminal.ts'
import { SHOWN_LEASES, type ShownLease } from './lease/shown-lease.ts'
import { describeLogin, loginInUse, type ShownLogin } from './login/shown-login.ts'
import { describeStop, SHOWN_STOPS, type ShownStop } from './stop/shown-stop.ts'

const QUESTION = z.object({
  id: z.string(),
  lease: z.string(),
  agent: z.string(),
  endsAt: z.number(),
  question: z.object({ summary: z.string() }),
})
const QUESTIONS = z
  .object({ approvals: z.array(QUESTION), next: z.string().nullable() })
  .transform(({ approvals, next }) => ({ items: approvals, next }))

interface Status {
  readonly me: WhoAmI
  readonly holds: readonly ShownHold[]
  readonly stops: readonly ShownStop[]
  readonly leases: readonly ShownLease[]
  readonly questions: readonly z.infer<typeof QUESTION>[]
  readonly login: ShownLogin | null
}

export function statusCommand(terminal: Terminal): Command {
  return new Command('status').addOption(outputOption()).action(async ({ output }: { readonly output: string }) => {
    const status = await read(brokerClient(terminal), terminal)
    terminal.print(output === 'json' ? toJson(status) : describeStatus(status, Date.now()))
  })
}

async function read(broker: BrokerClient, terminal: Terminal): Promise<Status> {
  const [me, { holds }, { stops }, leases, questions] = await Promise.all([
    broker('GET', '/v1/whoami', WHOAMI),
    broker('GET', '/v1/holds', SHOWN_HOLDS),
    broker('GET', '/v1/stops', SHOWN_STOPS),
    readPages(query => broker('GET', `/v1/leases${query}`, SHOWN_LEASES), terminal.note),
    readPages(query => broker('GET', `/v1/approvals${query}`, QUESTIONS), terminal.note),
  ])
  return { me, holds, stops, leases, questions, login: await loginInUse(terminal) }
}

export function describeStatus({ me, holds, stops, leases, questions, login }: Status, now: number): string {
  const who = me.kind === 'person' ? `${me.name}, ${me.roles.join(' and ')}` : `agent ${me.name}`
  const sponsor = me.kind === 'agent' && me.sponsor !== '' ? ` for ${me.sponsor}` : ''
  return [
    `${who}${sponsor}\n`,
    ...(login === null ? [] : [`  ${describeLogin(login, now)}`]),
    ...holds.map(hold => `  ${describeHeld(hold)}\n`),
    ...stops.map(stop => describeStop(stop).replace(/^(?=.)/gm, '  ')),
    '\n',
    leases.length === 0 ? 'no leases\n' : leaseTable(leases, now),
    '\n',
    questions.length === 0 ? 'no open questions\n' : questionTable(questions, now),
  ].join('')
}

function leaseTable(leases: readonly ShownLease[], now: number): string {
  const rows = leases.map(({ id, agent, template, namespaces, task, state, expiresAt }) => [
    ...[id, agent, template, namespaces.join(','), task.reason],
    state.kind === 'frozen' ? 'frozen' : timeLeft(expiresAt, now),
  ])
  return table(['lease', 'agent', 'template', 'namespaces', 'reason', 'left'], rows)
}

function questionTable(questions: Status['questions'], now: number): string {
  const rows = questions.map(({ id, agent, question, endsAt }) => [id, agent, question.summary, timeLeft(endsAt, now)])
  return table(['question', 'agent', 'what', 'left'], rows)
}
