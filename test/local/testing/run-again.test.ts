import { describe, expect, test } from 'vitest'
import type { VitestResults } from '../../../local/testing/count-results.ts'
import { afterAnotherTry, worthAnotherTry } from '../../../local/testing/run-again.ts'

const ROOT = '/a/checkout'

/** A file of tests by their statuses, such as `passed failed`. */
function file(name: string, statuses: string, status = statuses.includes('failed') ? 'failed' : 'passed') {
  const assertionResults = statuses.split(' ').map((each, index) => ({ status: each, fullName: `${name} ${index}` }))
  return { name: `${ROOT}/test/${name}.test.ts`, status, assertionResults: statuses === '' ? [] : assertionResults }
}

function results(...testResults: readonly ReturnType<typeof file>[]): VitestResults {
  const all = testResults.flatMap(({ assertionResults }) => assertionResults.map(({ status }) => status))
  const count = (wanted: string) => all.filter(status => status === wanted).length
  return {
    numPassedTests: count('passed'),
    numFailedTests: count('failed'),
    numPendingTests: count('skipped'),
    numTodoTests: count('todo'),
    numFailedTestSuites: testResults.filter(({ status }) => status === 'failed').length,
    testResults,
  }
}

describe('worthAnotherTry', () => {
  const failed = (count: number) => Array.from({ length: count }, (_, index) => file(`f${index}`, 'failed'))

  test.each([
    { name: 'nothing where all passed', given: results(file('a', 'passed')), code: 0, want: [] },
    { name: 'the files that failed', given: results(file('a', 'passed failed'), file('b', 'passed')), want: ['a'] },
    { name: 'a file that could not be loaded', given: results(file('a', '', 'failed')), want: ['a'] },
    { name: 'three files', given: results(...failed(3)), want: ['f0', 'f1', 'f2'] },
    { name: 'nothing of four: that is no accident', given: results(...failed(4)), want: [] },
    { name: 'nothing where the error is of no file', given: results(file('a', 'passed')), want: [] },
    { name: 'nothing where one error more is of no file', given: results(file('a', 'failed')), errors: 1, want: [] },
    { name: 'nothing where there are no results', given: null, want: [] },
  ])('$name', ({ given, code = 1, errors = 0, want }) => {
    expect(worthAnotherTry(given, { code, errors }, ROOT)).toEqual(want.map(name => `test/${name}.test.ts`))
  })
})

describe('afterAnotherTry', () => {
  const first = results(file('a', 'passed failed failed'), file('b', 'passed passed'), file('c', 'passed skipped'))

  test('counts what the files came to alone, and names those that failed before', () => {
    const second = results(file('a', 'passed passed passed'))
    expect(afterAnotherTry(first, second, 0, ROOT)).toEqual({
      passed: 3 + 2 + 1,
      failed: 1,
      skipped: 0,
      unsteady: ['test/a.test.ts: a 1; a 2'],
    })
  })

  test('has what fails again as failed, and unsteady is nothing', () => {
    const second = results(file('a', 'passed passed failed'))
    expect(afterAnotherTry(first, second, 1, ROOT)).toEqual({ passed: 2 + 2 + 1, failed: 2, skipped: 0, unsteady: [] })
  })

  test('a second run without results is a failure', () => {
    expect(afterAnotherTry(first, null, 1, ROOT)).toMatchObject({ passed: 3, failed: 2, unsteady: [] })
  })

  test('a second run that breaks outside of its files is one', () => {
    const second = results(file('a', 'passed passed passed'))
    expect(afterAnotherTry(first, second, 1, ROOT)).toMatchObject({ failed: 2 })
  })

  test('a file that could not be loaded, and then passed, is named', () => {
    const second = results(file('a', 'passed'))
    const given = results(file('a', '', 'failed'), file('b', 'passed'))
    expect(afterAnotherTry(given, second, 0, ROOT)).toEqual({
      passed: 2,
      failed: 0,
      skipped: 0,
      unsteady: ['test/a.test.ts'],
    })
  })
})
