import type { StopAct } from '../../lease/stop/stop.ts'
import type { Subject } from '../../lease/stop/subject.ts'
import { brokerClient } from '../broker-client.ts'
import { actDirectly } from '../direct/act-directly.ts'
import type { Terminal } from '../terminal.ts'
import { SHOWN_STOP, type ShownStop } from './shown-stop.ts'

export interface Acting {
  readonly act: StopAct
  readonly subject: Subject
  readonly reason: string
  readonly direct: boolean
}

/** One act on all leases of a subject, through the broker or straight in the store. */
export function doAct(terminal: Terminal, { direct, ...acting }: Acting): Promise<ShownStop> {
  return direct ? actDirectly(terminal, acting) : brokerClient(terminal)('POST', '/v1/stops', SHOWN_STOP, acting)
}
