import type { Lease } from '../../lease/lease.ts'
import type { ApiRequest } from '../../request/api-request.ts'
import type { Sent } from '../sent/sent.ts'
import type { Actor, ClusterView } from './look/cluster-view.ts'

/** Whether exec and attach are recorded, as whoever set up the boundary told. */
export type Recording = 'recorded' | 'not-recorded' | 'unknown'

/** What a plan is made of. */
export interface Planning {
  readonly request: ApiRequest
  readonly sent: Sent
  readonly lease: Pick<Lease, 'id' | 'agent' | 'template' | 'sponsor'>
  /** What admission policies are told with the request once there is a yes, by lease and policy; '' for nothing. */
  readonly granted: string
  readonly view: ClusterView
  readonly sessions: Recording
  readonly now: number
  /** Takes credentials out of a text. */
  readonly mask: (text: string) => string
}

export function actorOf({ lease, granted }: Pick<Planning, 'lease' | 'granted'>): Actor {
  const { id, agent, template, sponsor } = lease
  return { agent, template, lease: id, sponsor, granted }
}
