import type { ClusterView, Looked } from '../../../src/approval/plan/look/cluster-view.ts'
import { makePlan } from '../../../src/approval/plan/make-plan.ts'
import type { Recording } from '../../../src/approval/plan/planning.ts'
import type { HttpRequest } from '../../../src/request/http-request.ts'
import { aTemplate, leaseOf } from '../../policy/a-policy.ts'
import { read } from '../../request/a-http-request.ts'

export const found = (value: unknown): Looked => ({ kind: 'found', value })
export const absent: Looked = { kind: 'absent' }
export const refused: Looked = { kind: 'refused', status: 403, why: 'no' }

export interface Sending {
  readonly body?: string
  readonly type?: string
  readonly headers?: HttpRequest['headers']
  /** What a dry run is answered, or each in turn, over and over. */
  readonly after?: Looked | readonly Looked[]
  readonly sessions?: Recording
  readonly now?: number
}

/** What an API server would say, by how a path begins; of all else that nothing is there. */
export async function planOf(line: string, said: Readonly<Record<string, Looked>>, options: Sending = {}) {
  const [method = '', target = ''] = line.split(' ')
  const { sessions = 'unknown', now = 0, after = found({}) } = options
  const bytes = Buffer.from(options.body ?? '')
  const typed = options.type === undefined ? [] : ([['content-type', options.type]] as const)
  const headers = [...(options.headers ?? []), ...typed]
  const asked: string[] = []
  const get: ClusterView['get'] = async path => {
    asked.push(path)
    const key = Object.keys(said)
      .filter(each => path.startsWith(each))
      .toSorted((a, b) => b.length - a.length)[0]
    return key === undefined ? found({ items: [] }) : (said[key] ?? absent)
  }
  const answers = [after].flat()
  let runs = 0
  const made = await makePlan({
    request: read(line, { headers, body: bytes }),
    sent: { method, target, headers, body: bytes },
    lease: leaseOf(aTemplate()),
    granted: '',
    view: {
      get,
      getAs: async (_, path, form) => get(path, form),
      dryRunAs: async () => answers[runs++ % answers.length] ?? absent,
    },
    sessions,
    now,
    mask: text => text,
  })
  if (made.kind === 'none') throw new Error(made.problem)
  return { ...made, asked, says: made.plan.notes.join('\n') }
}

export function named<More extends object>(name: string, more: More = {} as More) {
  return { metadata: { name, uid: `uid-${name}`, resourceVersion: '1' }, ...more }
}
