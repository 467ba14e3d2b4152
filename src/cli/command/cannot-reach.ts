/** Of the store, with what its sentinels said, where it has some. */
export function cannotReach(problem: string | null): string {
  return problem === null ? 'cannot reach the store' : `cannot reach the store: ${problem}`
}
