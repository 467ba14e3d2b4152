import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MAIN } from '../../../../local/edition/leasegate.ts'
import { listensOn } from '../../../../local/process/listens-on.ts'
import { Supervisor } from '../../../../local/process/supervisor.ts'
import { Valkey } from '../../../support/stores/valkey.ts'
import { asking, authorizerEnv, type Contender } from '../../decisions/check/contenders.ts'
import { aWorld, type World } from '../../decisions/check/world.ts'
import { policyOf, type Size } from './policy.ts'

/** Authorizers in processes of their own on a store of their own, with so many of everything. */
export interface House {
  readonly valkey: Valkey
  readonly world: World
  readonly authorizer: Contender
  /** One more on the same store. */
  readonly another: () => Promise<Contender>
  readonly stop: () => Promise<void>
}

/** `given`: a store that is there already, and is left. */
export async function aHouse(size: Partial<Size> = {}, given: Valkey | null = null): Promise<House> {
  const directory = await mkdtemp(join(tmpdir(), 'lg-bench-'))
  const valkey = given ?? (await Valkey.start())
  const supervisor = new Supervisor()
  const stop = async (): Promise<void> => {
    await supervisor.stop()
    if (given === null) await valkey.stop()
    await rm(directory, { recursive: true, force: true })
  }
  try {
    const world = await aWorld(valkey, directory, policyOf(size))
    let started = 0
    const another = async (): Promise<Contender> => {
      const name = started++ === 0 ? 'authorizer' : `authorizer-${started}`
      const socket = join(directory, `${name}.sock`)
      const { pid } = await supervisor.start({
        name,
        command: process.execPath,
        args: [MAIN, 'authorizer'],
        env: { ...authorizerEnv(valkey, directory), LEASEGATE_AUTHORIZER_LISTEN: `unix:${socket}` },
        logFile: join(directory, `${name}.log`),
        isReady: () => listensOn(socket),
      })
      return { name, pid, socket, next: asking(world.token) }
    }
    return { valkey, world, authorizer: await another(), another, stop }
  } catch (error) {
    await stop()
    throw error
  }
}
