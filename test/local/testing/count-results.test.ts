import { describe, expect, test } from 'vitest'
import { countResults } from '../../../local/testing/count-results.ts'

describe('countResults', () => {
  const results = { numPassedTests: 5, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0, numFailedTestSuites: 0 }

  test.each([
    { name: 'all passed', given: results, exitCode: 0, want: { passed: 5, failed: 0, skipped: 0 } },
    {
      name: 'a skipped test fails',
      given: { ...results, numPendingTests: 2 },
      exitCode: 0,
      want: { passed: 5, failed: 2, skipped: 0 },
    },
    {
      name: 'a client whose tool is missing is neither passed nor failed',
      given: {
        ...results,
        numPendingTests: 2,
        testResults: [
          {
            name: '/a/test/clients/libraries.test.ts',
            status: 'passed',
            assertionResults: [
              { status: 'skipped', fullName: 'Rust `kube` not tried here: no cargo' },
              { status: 'skipped', fullName: 'something else' },
              { status: 'passed', fullName: 'says not tried here: and passes' },
            ],
          },
        ],
      },
      exitCode: 0,
      want: { passed: 5, failed: 1, skipped: 1 },
    },
    {
      name: 'a forgotten test fails',
      given: { ...results, numTodoTests: 1 },
      exitCode: 0,
      want: { passed: 5, failed: 1, skipped: 0 },
    },
    {
      name: 'a file that cannot be loaded fails',
      given: { ...results, numFailedTestSuites: 1 },
      exitCode: 1,
      want: { passed: 5, failed: 1, skipped: 0 },
    },
    {
      name: 'an error outside of any test fails',
      given: results,
      exitCode: 1,
      want: { passed: 5, failed: 1, skipped: 0 },
    },
    { name: 'no results at all fail', given: null, exitCode: 0, want: { passed: 0, failed: 1, skipped: 0 } },
  ])('$name', ({ given, exitCode, want }) => {
    expect(countResults(given, exitCode)).toEqual(want)
  })
})
