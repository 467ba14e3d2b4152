import type { Node } from '../../../local/node/node.ts'
import { leasegate } from '../../../local/node/product/node-stage.ts'
import type { Product } from '../../../local/node/product/product.ts'
import type { Ran } from '../../../local/process/run.ts'
import { until } from '../../support/until.ts'

/** What the record has of a session that is over. */
export interface Recorded {
  readonly id: string
  /** Why it ended, as its recording says it. */
  readonly why: string
  /** The same, as the row of its request does; '' where it ended by itself. */
  readonly endReason: string
}

/** `leasegate sessions …`, as somebody who has the keys. */
export function sessions(node: Node, product: Product, ...args: readonly string[]): Promise<Ran> {
  return leasegate(node, product, 'admin', ['sessions', ...args])
}

/**
 * The session of the command that holds this word, once its recording is whole in the record and its request has its end; or, where the tap was
 * killed that Envoy told of that end, is said to be unknown.
 */
export async function recorded(
  node: Node,
  product: Product,
  word: string,
  states: readonly ('done' | 'unknown')[] = ['done'],
): Promise<Recorded> {
  const named = states.map(state => `'${state}'`).join(', ')
  const row = `SELECT audit_id AS id, why, end_reason AS endReason FROM requests AS r JOIN session_ends AS e
    ON toString(r.audit_id) = e.audit_id WHERE r.subresource = 'exec' AND has(r.command, '${word}') AND r.state IN (${named})`
  let found: Recorded | undefined
  await until(
    `the recording of ${word}`,
    async () => {
      const { stdout } = await leasegate(node, product, 'admin', ['sql', row, '-o', 'json'])
      found = (JSON.parse(stdout || '[]') as readonly Recorded[])[0]
      return found !== undefined
    },
    // A request without an end is unknown a minute after it was last heard of.
    states.includes('unknown') ? 180_000 : 60_000,
  )
  if (found === undefined) throw new Error(`nothing is recorded of ${word}`)
  return found
}

/** Lines of an asciicast after its head. */
export interface CastLine {
  readonly code: string
  readonly data: string
}

/** All that was shown, typed and resized, also what would act on a terminal. */
export async function exported(node: Node, product: Product, id: string): Promise<readonly CastLine[]> {
  const { code, stdout, stderr } = await sessions(node, product, 'export', '--raw', id)
  if (code !== 0) throw new Error(stderr)
  const [, ...lines] = stdout.trim().split('\n')
  return lines.map(line => {
    const [, kind = '', data = ''] = JSON.parse(line) as readonly [number, string, string]
    return { code: kind, data }
  })
}

export function textOf(lines: readonly CastLine[], code: 'o' | 'i'): string {
  return lines.map(line => (line.code === code ? line.data : '')).join('')
}
