import { SERVER } from '../../config/roles.ts'
import { SETTINGS } from '../../config/settings.ts'
import { toAdmission } from '../../policy/admission/admission.ts'
import type { Policy } from '../../policy/policy.ts'
import { toRbac } from '../../policy/rbac/rbac.ts'
import { judgeAnyStore } from '../../proof/doctor/store/any-store.ts'
import { serverAddress } from '../../record/connect/server-address.ts'
import { whyUnreachable } from '../../support/net/http-call.ts'
import { CliError } from '../command/cli-error.ts'
import { settings } from '../command/settings.ts'
import type { Terminal } from '../command/terminal.ts'
import { readPolicy, readSoundPolicy } from '../policy/read-policy.ts'

interface Named {
  readonly policy?: string
  /** The one that roles and bindings were made from, where it is another file. */
  readonly granted?: string
}

/**
 * What would only show when pods start, or when the first lease is asked for: said before anything is changed. Looks at what it was told
 * of, and no further. Rejects with a CliError that names everything.
 */
export async function preflight(terminal: Terminal, { policy, granted }: Named): Promise<void> {
  if (policy !== undefined) await lookAtPolicy(terminal, policy, granted)
  if (isSet(terminal, 'redisUrl')) await lookAtStore(terminal)
  if (isSet(terminal, 'clickhouseUrl')) await lookAtRecord(terminal)
}

/** Processes go on with the last good one, and pods that move would not start: weeks later, as nodes come and go. */
async function lookAtPolicy(terminal: Terminal, file: string, granted?: string): Promise<void> {
  const policy = await readSoundPolicy(file)
  const here = terminal.env[SETTINGS.boundaryNamespace.env] ?? policy.boundaryNamespace
  if (policy.boundaryNamespace !== '' && policy.boundaryNamespace !== here) {
    throw new CliError(
      'usage',
      `${file}: boundaryNamespace is "${policy.boundaryNamespace}", but this is "${here}": leave it out`,
    )
  }
  if (granted === undefined) return
  const boundary = { kind: 'user', name: 'any' } as const
  // What the API server lets a lease do is in both: roles, and what results of a write.
  const rights = (of: Policy) =>
    JSON.stringify([
      toRbac(of, { mode: 'constrained', boundary }),
      toAdmission({ ...of, boundaryNamespace: here }, boundary),
    ])
  if (rights(policy) === rights(await readPolicy(granted))) return
  throw new CliError(
    'usage',
    `${file} and ${granted} (rbac.policy) grant different things: leases would be given that the cluster does not know, or more be let through than the policy says`,
  )
}

function isSet(terminal: Terminal, key: 'redisUrl' | 'clickhouseUrl'): boolean {
  return terminal.env[SETTINGS[key].env] !== undefined
}

async function lookAtStore(terminal: Terminal): Promise<void> {
  const { openStore } = await import('../proof/open-store.ts')
  const store = await openStore(terminal)
  try {
    const state = await store.read().catch(error => {
      throw new CliError('unavailable', `the store cannot be looked at: ${(error as Error).message}`, error)
    })
    const { findings } = judgeAnyStore(state, store.durability, store.replicas)
    const grave = findings.filter(({ severity }) => severity === 'critical' || severity === 'error')
    if (grave.length === 0) return
    const lines = grave.map(({ what, why, mend }) => `${what}. ${why} ${mend}`)
    throw new CliError('usage', `the store cannot be used as it is:\n${lines.join('\n')}`)
  } finally {
    store.close()
  }
}

/** Whether it answers, and takes the login: its database may not be there yet. */
async function lookAtRecord(terminal: Terminal): Promise<void> {
  const server = serverAddress(settings(terminal, SERVER))
  if (server === null) return
  const { openServerReader } = await import('../../record/clickhouse.ts')
  const reader = openServerReader({ ...server, database: 'default' })
  try {
    await (await reader.query({ query: 'SELECT 1', format: 'JSONEachRow' })).json()
  } catch (error) {
    const why = error instanceof Error && error.message !== '' ? error.message : whyUnreachable(error)
    throw new CliError('unavailable', `ClickHouse cannot be asked: ${why}`, error)
  } finally {
    await reader.close()
  }
}
