/** Most that there may be of what agents make at will. Each keeps the store's scripts short and leaves room for the others. */
export const LIMITS = {
  /** Leases that one agent has, children with them; those of an ended root count until their own end. */
  leases: 500,
  leasesPerMinute: 60,
  /** Leases narrowed from one root, at any depth. */
  children: 32,
  levels: 4,
  contractBytes: 65_536,
  /** Ended leases of an agent that can still be shown. */
  kept: 200,
  /** Questions of one lease that wait for an approver, of one agent, and those it asks in a minute. */
  questionsOfLease: 20,
  questionsOfAgent: 50,
  questionsPerMinute: 30,
  questionBytes: 16_384,
  /** Questions for several requests of one agent that wait: each holds fifty times what another one does. */
  batchesOfAgent: 4,
} as const satisfies Record<string, number>

export type Limits = { readonly [name in keyof typeof LIMITS]: number }
