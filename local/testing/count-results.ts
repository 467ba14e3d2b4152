/** What vitest's JSON reporter writes, as far as it is read. */
export interface VitestResults {
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly numPendingTests: number
  readonly numTodoTests: number
  readonly numFailedTestSuites: number
  readonly testResults?: readonly {
    /** Its path, from the root of the file system. */
    readonly name: string
    readonly status: string
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[]
  }[]
}

/** In the title of a test that stands for a client whose tools this machine has not. */
export const NOT_TRIED = 'not tried here: '

export interface Counts {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

/** What was not tried for want of a tool, by name. */
export function notTried({ testResults = [] }: VitestResults): readonly string[] {
  return testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ status, fullName }) => status !== 'passed' && status !== 'failed' && fullName.includes(NOT_TRIED))
    .map(({ fullName }) => fullName)
}

/** Skipped and forgotten tests count as failed, but for those that say why; so does a run that broke otherwise. */
export function countResults(results: VitestResults | null, exitCode: number): Counts {
  if (results === null) return { passed: 0, failed: 1, skipped: 0 }
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, numFailedTestSuites } = results
  const skipped = notTried(results).length
  const failed = numFailedTests + numPendingTests + numTodoTests - skipped
  const broken = failed === 0 && (exitCode !== 0 || numFailedTestSuites > 0) ? 1 : 0
  return { passed: numPassedTests, failed: failed + broken, skipped }
}
