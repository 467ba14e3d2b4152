import { Command } from 'commander'
import { z } from 'zod'
import { describeHeld, SHOWN_HOLD } from '../agent/shown-hold.ts'
import { brokerClient } from '../broker/broker-client.ts'
import { CliError } from '../command/cli-error.ts'
import type { Terminal } from '../command/terminal.ts'
import { type Told, telling } from '../command/told.ts'
import { doAct } from '../stop/do-act.ts'
import { describeDone } from '../stop/shown-stop.ts'
import { addWhich, type Which, wantedSubject } from '../stop/which.ts'
import { forgetTokens } from '../token-cache/forget-tokens.ts'
import { SHOWN_LEASE } from './shown-lease.ts'

interface Options extends Which {
  readonly reason?: string
  readonly hold?: string
  readonly direct?: true
}

const REVOKED = SHOWN_LEASE.extend({ hold: SHOWN_HOLD.optional(), ended: z.array(z.string()).default([]) })

export function revokeCommand(terminal: Terminal): Command {
  const command = new Command('revoke')
    .description('end a lease now, or all of a subject: the next request is refused, open streams are cut')
    .argument('[id]', 'the lease')
  addWhich(command)
    .option('--reason <text>', 'why; it goes into the record')
    .option(
      '--hold <duration>',
      'hold its agent for so long, such as 2h: its other leases end too, and it gets no new one',
    )
    .option('--direct', 'straight in the store, for when the broker is down (wants the settings of the store)')
  return telling(command, terminal, async (id: string | undefined, options: Options) => {
    const { reason = '', hold, direct, ...which } = options
    const subject = wantedSubject(id, which)
    if (subject.kind !== 'lease') {
      if (hold !== undefined)
        throw new CliError('usage', '--hold is for the agent of one lease; all of many: leasegate stop')
      const acting = { act: 'end', subject, reason, direct: direct === true, gone: which.gone === true } as const
      const stands = await doAct(terminal, acting)
      return { value: stands, text: describeDone('end', stands) }
    }
    const { name } = subject
    if (direct !== true) return revoke(terminal, name, { reason, ...(hold && { hold }) })
    if (hold !== undefined)
      throw new CliError('usage', 'with --direct it only ends the lease; its agent: leasegate agent hold NAME --direct')
    const { revokeDirectly } = await import('../direct/revoke-directly.ts')
    await revokeDirectly(terminal, name, reason)
    return { value: { id: name, state: { kind: 'revoked', reason } }, text: `${name} revoked\n` }
  })
}

async function revoke(terminal: Terminal, id: string, end: { reason: string; hold?: string }): Promise<Told> {
  const path = `/v1/leases/${encodeURIComponent(id)}`
  const revoked = await brokerClient(terminal)('DELETE', path, REVOKED, end)
  forgetTokens(terminal.env, ({ lease }) => lease === id || revoked.ended.includes(lease))
  return { value: revoked, text: describeRevoked(id, revoked) }
}

function describeRevoked(id: string, { state, hold, ended }: z.infer<typeof REVOKED>): string {
  if (hold === undefined) return `${id} revoked\n`
  const others = ended.filter(one => one !== id).map(one => `${one} revoked\n`)
  const itself = state.kind === 'revoked' ? 'revoked' : `had ended already: ${state.kind}`
  return `${id} ${itself}\n${others.join('')}agent ${describeHeld(hold)}\n`
}
