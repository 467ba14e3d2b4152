import { setTimeout as wait } from 'node:timers/promises'
import { type GrpcDoor, startGrpcServer } from '../envoy/server/grpc-server.ts'
import { addRecorder } from '../envoy/server/recorder-server.ts'
import { Recorder, type RecorderParts } from './recorder.ts'

export interface RunningRecorder {
  /** Sessions that are recorded now. */
  readonly sessions: () => number
  /** Takes no new session, waits so long for those that run, then cuts them; each recording gets its end. */
  readonly stop: (graceMs: number) => Promise<void>
}

const HEARD_WITHIN_MS = 2000
const LOOK_EVERY_MS = 20

/** Listens for Envoy. While this answers nothing, no session begins and none goes on. */
export async function startRecorder(door: GrpcDoor, parts: RecorderParts): Promise<RunningRecorder> {
  const recorder = new Recorder(parts)
  const server = await startGrpcServer({ door, addServices: grpc => addRecorder(grpc, recorder.onSession) })
  return {
    sessions: () => recorder.size,
    stop: async graceMs => {
      const late = performance.now() + graceMs
      server.leave()
      // Until then Envoy brings new sessions here, though another recorder could take them.
      const heardBy = performance.now() + Math.min(graceMs, HEARD_WITHIN_MS)
      while (!server.isHeard() && performance.now() < heardBy) await wait(LOOK_EVERY_MS)
      await recorder.drain(Math.max(0, late - performance.now()))
      await server.stop(0)
    },
  }
}
