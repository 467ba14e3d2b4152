import { type Death, Supervisor } from './supervisor.ts'

const WITHIN_MS = 60_000
const MOST = 5

interface Reviving {
  readonly startAgain: (name: string) => Promise<unknown>
  readonly say: (line: string) => void
  /** Milliseconds, by any clock that does not go back. */
  readonly now: () => number
}

/** A supervisor that starts again what ends unasked, and says so. */
export function reviving(say: (line: string) => void): Supervisor {
  const startAgain = (name: string) => supervisor.startAgain(name)
  const supervisor = new Supervisor(revive({ startAgain, say, now: () => performance.now() }))
  return supervisor
}

/** For programs that end unasked: each is started again, and said to be, unless it does so again and again. */
export function revive({ startAgain, say, now }: Reviving): (death: Death) => void {
  const ends = new Map<string, readonly number[]>()
  const again = (name: string, problem: string): void => {
    const recent = (ends.get(name) ?? []).filter(at => at > now() - WITHIN_MS)
    ends.set(name, [...recent, now()])
    const staysDown = recent.length >= MOST
    say(`${problem}; ${staysDown ? `that was ${MOST + 1} times within a minute: it stays down` : 'starting it again'}`)
    if (staysDown) return
    startAgain(name).then(
      () => say(`${name} is up again`),
      (error: Error) => again(name, error.message),
    )
  }
  return ({ name, how, logFile, wasUp }) => {
    if (wasUp) again(name, `${name} ended unasked (${how}), see ${logFile}`)
  }
}
