/** Each may be fifty requests to judge, some milliseconds a request. */
const MOST_IN_A_MINUTE = 20
const MINUTE_MS = 60_000

/** How often an agent may have plans judged by this broker, whatever comes of them. Agents are those of the policy file, so there are few. */
export class BatchRate {
  #minute = 0
  readonly #counts = new Map<string, number>()

  take(agent: string, now: number): boolean {
    const minute = Math.floor(now / MINUTE_MS)
    if (minute !== this.#minute) {
      this.#minute = minute
      this.#counts.clear()
    }
    const count = (this.#counts.get(agent) ?? 0) + 1
    this.#counts.set(agent, count)
    return count <= MOST_IN_A_MINUTE
  }
}
