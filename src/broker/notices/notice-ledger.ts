/** Who tells of which question, and who has told: of several brokers one does, and another one when that one dies over it. */
export interface NoticeLedger {
  /** True for the one that may try now, for `ms`; nobody else may meanwhile. */
  claim(way: string, approval: string, ms: number): Promise<boolean>
  /** Nobody tries again for so long. */
  settle(way: string, approval: string, ms: number): Promise<void>
}
