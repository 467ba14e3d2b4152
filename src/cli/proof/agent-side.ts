import { z } from 'zod'
import { CLIENT_SETTINGS } from '../../config/roles.ts'
import type { AgentSide } from '../../proof/verify/parts.ts'
import { TOKEN } from '../access/give-credential.ts'
import { WHOAMI } from '../access/whoami.ts'
import { brokerClient, readIdentityToken } from '../broker/broker-client.ts'
import { CliError } from '../command/cli-error.ts'
import { settings } from '../command/settings.ts'
import type { Terminal } from '../command/terminal.ts'
import { SHOWN_LEASE } from '../lease/shown-lease.ts'

export interface Me {
  readonly agent: AgentSide
  readonly templates: readonly { readonly name: string; readonly namespaces: readonly string[] }[]
  /** Every namespace that is granted to it by some template. */
  readonly namespaces: readonly string[]
}

/** The agent whose identity token this is, with the broker for all that it can do. */
export async function agentSide(terminal: Terminal): Promise<Me> {
  const { identityTokenFile } = settings(terminal, CLIENT_SETTINGS)
  const broker = brokerClient(terminal)
  const me = await broker('GET', '/v1/whoami', WHOAMI)
  if (me.kind === 'person') throw new CliError('usage', `this is the token of ${me.name}: the proof wants an agent's`)
  const of = (lease: string) => `/v1/leases/${encodeURIComponent(lease)}`
  const agent: AgentSide = {
    name: me.name,
    sponsor: me.sponsor,
    identityToken: () => readIdentityToken(identityTokenFile),
    requestLease: ({ template, namespace }) =>
      broker('POST', '/v1/leases', SHOWN_LEASE, { ...WISH, template, namespaces: [namespace] }),
    token: async lease => (await broker('POST', `${of(lease)}/token`, TOKEN)).token,
    endLease: async lease => {
      await broker('DELETE', of(lease), z.unknown(), { reason: 'the proof is over' })
    },
  }
  const namespaces = [...new Set(me.templates.flatMap(template => template.namespaces))]
  return { agent, templates: me.templates, namespaces }
}

const WISH = { task: 'leasegate verify', reason: 'prove that the boundary is real', ttl: '5m' }
