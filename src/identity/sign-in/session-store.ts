/** Signed sessions by their id. What is not there is over; what is there counts only with its signature. */
export interface SessionStore {
  put(id: string, sealed: string, idleMs: number): Promise<void>
  /** Null when it ended or lay unused for `idleMs`; found, it has as long again. */
  find(id: string, idleMs: number): Promise<string | null>
  remove(id: string): Promise<void>
}
