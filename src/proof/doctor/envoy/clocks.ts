import type { Finding } from '../../../findings/report.ts'
import { httpCall } from '../../../support/net/http-call.ts'
import type { Examination } from '../examined.ts'
import type { Served } from './certificates.ts'

const SKEW_LIMIT_MS = 2000
/** The Date header has whole seconds. */
const GRAIN_MS = 1000

/** What time it is for the others, by the Date header of an answer. */
export async function examineClocks(servers: readonly Pick<Served, 'name' | 'url' | 'ca'>[]): Promise<Examination> {
  const skews = await Promise.all(servers.map(async server => ({ server, skewMs: await skewOf(server) })))
  const told = skews.flatMap(({ server, skewMs }) => (skewMs === null ? [] : [{ server, skewMs }]))
  return {
    tried: servers.map(({ name }) => `the Date of an answer of the ${name}`),
    seen: skews.map(({ server, skewMs }) =>
      skewMs === null ? `${server.name}: tells no time` : `${server.name}: ${Math.round(skewMs / 1000)} s from here`,
    ),
    findings: told
      .filter(({ skewMs }) => Math.abs(skewMs) > SKEW_LIMIT_MS)
      .map(({ server, skewMs }) => wrong(server.name, skewMs)),
  }
}

/** Null when it tells none. */
async function skewOf({ url, ca }: Pick<Served, 'url' | 'ca'>): Promise<number | null> {
  const before = Date.now()
  const call = { method: 'GET', url: `${url}/version`, headers: {}, body: '', ca, withinMs: 5000, maxBytes: 1_048_576 }
  const answer = await httpCall(call).catch(() => null)
  const date = Date.parse(answer?.headers.date ?? '')
  if (Number.isNaN(date)) return null
  const middle = (before + Date.now()) / 2
  const ahead = date + GRAIN_MS / 2 - middle
  return Math.abs(ahead) <= GRAIN_MS ? 0 : ahead
}

function wrong(name: string, skewMs: number): Finding {
  return {
    severity: 'error',
    what: `the clock of the ${name} differs from ours by ${Math.round(skewMs / 1000)} s`,
    why: 'Tokens seem to be from the future, leases end early, and the order in the record is not what happened.',
    mend: 'Let all machines keep time by NTP.',
  }
}
