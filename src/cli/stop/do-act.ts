import type { StopAct } from '../../lease/stop/stop.ts'
import type { Subject } from '../../lease/stop/subject.ts'
import { brokerClient } from '../broker/broker-client.ts'
import type { Terminal } from '../command/terminal.ts'
import { SHOWN_STOP, type ShownStop } from './shown-stop.ts'

export interface Acting {
  readonly act: StopAct
  readonly subject: Subject
  readonly reason: string
  readonly direct: boolean
  /** Its name need not be in the policy file any more. */
  readonly gone: boolean
}

/** One act on all leases of a subject, through the broker or straight in the store. What reads the store is loaded when it is wanted. */
export async function doAct(terminal: Terminal, { direct, gone, ...acting }: Acting): Promise<ShownStop> {
  if (!direct) return brokerClient(terminal)('POST', '/v1/stops', SHOWN_STOP, { ...acting, ...(gone && { gone }) })
  const { actDirectly } = await import('../direct/act-directly.ts')
  return actDirectly(terminal, { ...acting, gone })
}
