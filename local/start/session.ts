import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { reviving } from '../process/revive.ts'
import type { Supervisor } from '../process/supervisor.ts'

export interface Session {
  /** Empty, with a short path. */
  readonly directory: string
  readonly supervisor: Supervisor
  /** Resolves when somebody asks for the end. */
  readonly interrupted: Promise<null>
  /** What is to be put away once the programs have ended; the last first. */
  readonly atEnd: (putAway: () => Promise<void>) => void
}

interface Ended {
  readonly code: number
  /** Data and logs are of no more use. */
  readonly wentWell: boolean
}

interface Options {
  readonly keep: boolean
  readonly say: (line: string) => void
}

/** As the shell says of a program that a Ctrl-C ended. */
export const INTERRUPTED = 130

/** Programs and their folder for as long as `play` takes. Its exit code. */
export async function session({ keep, say }: Options, play: (session: Session) => Promise<Ended>): Promise<number> {
  const interrupted = stopRequested()
  const directory = await mkdtemp(join(tmpdir(), 'lg-'))
  const supervisor = reviving(say)
  const endings: (() => Promise<void>)[] = []
  let ended: Ended | null = null
  try {
    ended = await play({ directory, supervisor, interrupted, atEnd: putAway => void endings.unshift(putAway) })
    return ended.code
  } finally {
    say('stopping')
    await supervisor.stop()
    for (const putAway of endings) await putAway()
    if (ended?.wentWell && !keep) await rm(directory, { recursive: true, force: true, maxRetries: 3 })
    else say(`data and logs: ${directory}`)
  }
}

/** Asked more than once, as a Ctrl-C in the terminal is by npm and by us, it still means one graceful end. */
function stopRequested(): Promise<null> {
  return new Promise(resolve => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => resolve(null))
  })
}
