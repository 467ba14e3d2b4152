import { relative } from 'node:path'
import { type Counts, countResults, type VitestResults } from './count-results.ts'

export interface Run {
  readonly results: VitestResults | null
  readonly code: number
  /** That belong to no test. */
  readonly errors: number
}

/** More than these are no accident. */
const AT_MOST = 3

/**
 * Files with a failure, relative to `root`, that are worth another try: with 14 000 tests of real processes on two cores, one that an hour of
 * load made fail would hide what the other 13 999 say. Empty where nothing failed, or too much, or something outside of any file.
 */
export function worthAnotherTry(
  results: VitestResults | null,
  { code, errors }: Pick<Run, 'code' | 'errors'>,
  root: string,
): readonly string[] {
  if (results === null || code === 0 || errors > 0) return []
  const failed = (results.testResults ?? []).filter(({ status }) => status === 'failed').map(({ name }) => name)
  return failed.length > AT_MOST ? [] : failed.map(name => relative(root, name))
}

export interface Together extends Counts {
  /** Files that failed and then passed alone, with what failed of each: to be said, and to be mended. */
  readonly unsteady: readonly string[]
}

/** Both runs as one: of files that were run again, the second run says how it ended. */
export function afterAnotherTry(
  first: VitestResults,
  second: VitestResults | null,
  exitCode: number,
  root: string,
): Together {
  const again = countResults(second, exitCode)
  const steady = (first.testResults ?? []).filter(({ status }) => status !== 'failed')
  const statuses = steady.flatMap(({ assertionResults }) => assertionResults.map(({ status }) => status))
  const count = (...wanted: readonly string[]) => statuses.filter(status => wanted.includes(status)).length
  const before = countResults(
    {
      numPassedTests: count('passed'),
      numFailedTests: 0,
      numPendingTests: count('pending', 'skipped'),
      numTodoTests: count('todo'),
      numFailedTestSuites: 0,
      testResults: steady,
    },
    0,
  )
  return {
    passed: before.passed + again.passed,
    failed: before.failed + again.failed,
    skipped: before.skipped + again.skipped,
    unsteady: (first.testResults ?? [])
      .filter(({ name, status }) => status === 'failed' && second !== null && hasPassed(second, name))
      .map(({ name, assertionResults }) => `${relative(root, name)}${failuresOf(assertionResults)}`),
  }
}

function hasPassed({ testResults = [] }: VitestResults, file: string): boolean {
  return testResults.some(({ name, status }) => name === file && status === 'passed')
}

function failuresOf(tests: readonly { readonly status: string; readonly fullName: string }[]): string {
  const names = tests.filter(({ status }) => status === 'failed').map(({ fullName }) => fullName)
  return names.length === 0 ? '' : `: ${names.join('; ')}`
}
