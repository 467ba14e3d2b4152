import type { HonoRequest } from 'hono'
import { uuidv7 } from 'uuidv7'
import type { Principal } from '../../../identity/caller.ts'
import { cutAndMask, KEPT } from '../../../record/journal/cut.ts'
import type { BrokerRefusal } from '../../../record/journal/journal-entry.ts'
import { maskText } from '../../../record/mask/mask-text.ts'
import type { BrokerParts } from '../../parts.ts'
import { clientAddress } from '../caller/client-address.ts'
import type { StatusError } from './status.ts'

/** Answers whose words are the broker's own. */
const OURS: ReadonlySet<number> = new Set([401, 403, 404, 409, 429])

interface Refused {
  readonly req: HonoRequest
  /** Undefined where nobody was authenticated. */
  readonly principal: Principal | undefined
}

/**
 * Puts on record what the broker refused, before the answer goes out. Whoever is known has a share of the refusals of their own, so
 * that no stranger at the same address crowds them out; all others share one by address.
 */
export async function recordRefusal(
  { req, principal }: Refused,
  { code, message }: StatusError,
  { refuse, policy, clock, log }: BrokerParts,
): Promise<void> {
  const source = clientAddress(req)
  const { mask } = policy()
  const entry: BrokerRefusal = {
    kind: 'broker-refusal',
    id: uuidv7(),
    at: clock(),
    ...nameOf(principal),
    what: cutAndMask(`${req.method} ${req.path}`, KEPT.word, each => maskText(each, mask)),
    status: code,
    // Of a body that is no wish the answer quotes what was written, which may be anything.
    reason: OURS.has(code) ? cutAndMask(message, KEPT.word, each => maskText(each, mask)) : '',
    source,
  }
  const share =
    principal === undefined ? source : `${entry.agent === '' ? 'person' : 'agent'} ${entry.agent || entry.person}`
  await refuse({ id: entry.id, source: share, now: entry.at, entry: JSON.stringify(entry) }).catch((error: unknown) => {
    log.error({ err: error, refusal: entry }, 'a refusal is not on record')
  })
}

function nameOf(principal: Principal | undefined): Pick<BrokerRefusal, 'agent' | 'person'> {
  if (principal === undefined) return { agent: '', person: '' }
  return principal.kind === 'agent' ? { agent: principal.agent, person: '' } : { agent: '', person: principal.name }
}
