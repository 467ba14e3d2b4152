/** What vitest's JSON reporter writes, as far as it is read. */
export interface VitestResults {
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly numPendingTests: number
  readonly numTodoTests: number
  readonly numFailedTestSuites: number
}

export interface Counts {
  readonly passed: number
  readonly failed: number
}

/** Skipped and forgotten tests count as failed, and so does a run that broke otherwise. */
export function countResults(results: VitestResults | null, exitCode: number): Counts {
  if (results === null) return { passed: 0, failed: 1 }
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, numFailedTestSuites } = results
  const failed = numFailedTests + numPendingTests + numTodoTests
  const broken = failed === 0 && (exitCode !== 0 || numFailedTestSuites > 0) ? 1 : 0
  return { passed: numPassedTests, failed: failed + broken }
}
