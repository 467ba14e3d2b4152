import type { Answer, Identity } from '../answer.ts'
import { toIdentityLines } from '../metadata.ts'
import { streamLimit } from '../to-check-response.ts'
import { bytesField, doubleField, numberField, textField } from './bytes-of.ts'

type Allow = Extract<Answer, { readonly kind: 'allow' }>

/** By identity, which is that of one lease, what it is on the wire. */
const written = new WeakMap<Identity, string>()

const ALLOWED = bytesField(1, numberField(1, 0))

/**
 * The answer to most requests, an allow with nothing beside it, as the bytes that the library's writer makes of `toCheckResponse`
 * (test/envoy/wire/check-codec.test.ts). Null for any other answer, which is left to that one.
 */
export function writePlainAllow(answer: Answer): Buffer | null {
  if (answer.kind !== 'allow' || answer.timeoutSeconds !== null || answer.warning !== null) return null
  if (answer.approval !== undefined || answer.watched !== undefined || answer.narrowed !== undefined) return null
  if (answer.seconds !== undefined) return null
  const { key, streamMs } = answer
  const headers = header('audit-id', key.auditId) + header('x-envoy-upstream-stream-duration-ms', streamLimit(streamMs))
  return Buffer.from(ALLOWED + bytesField(3, headers) + bytesField(4, row(answer) + identity(answer)), 'latin1')
}

/** HeaderValueOption. */
function header(name: string, value: string): string {
  return bytesField(2, bytesField(1, textField(1, name) + textField(2, value)))
}

/** Of a Struct: an entry of its map of values. */
function entry(name: string, value: string): string {
  return bytesField(1, textField(1, name) + bytesField(2, value))
}

const text = (value: string) => textField(3, value)

function row({ key: { auditId, decidedAt, agent, lease } }: Allow): string {
  const fields = [
    entry('audit_id', text(auditId)),
    entry('decided_at', doubleField(2, decidedAt)),
    entry('agent', text(agent)),
    entry('lease', text(lease)),
  ]
  return entry('row', bytesField(5, fields.join('')))
}

function identity(answer: Allow): string {
  const before = written.get(answer.identity)
  if (before !== undefined) return before
  const lines = Object.entries(toIdentityLines(answer.identity)).map(([slot, value]) => entry(slot, text(value)))
  const bytes = lines.join('')
  written.set(answer.identity, bytes)
  return bytes
}
