import { mkdtemp, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { run } from '../../local/process/run.ts'
import { countResults } from '../../local/testing/count-results.ts'

const BOOTSTRAP = join(import.meta.dirname, '../../local/bootstrap.mjs')

describe('bootstrap', () => {
  test('names everything that is missing in one message, before anything starts', async () => {
    const bin = await mkdtemp(join(tmpdir(), 'lg-bin-'))
    await symlink(process.execPath, join(bin, 'node'))
    const { code, stderr, stdout } = await run(join(bin, 'node'), [BOOTSTRAP, 'start'], { env: { PATH: bin } })
    expect(code).toBe(1)
    expect(stdout).toBe('')
    expect(stderr).toBe(
      'leasegate: this machine lacks\n' +
        '  npm 1 or later: not found\n' +
        '  python3 3.9 or later: not found\n' +
        '  pip for python3 1 or later: not found\n' +
        '  go 1.25 or later: not found\n' +
        '  git 2 or later: not found\n',
    )
  })

  test('an unknown command is named', async () => {
    const { code, stderr } = await run(process.execPath, [BOOTSTRAP, 'strat'])
    expect(code).toBe(1)
    expect(stderr).toBe('leasegate: no such command: strat\n')
  })
})

describe('countResults', () => {
  const results = { numPassedTests: 5, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0, numFailedTestSuites: 0 }

  test.each([
    { name: 'all passed', given: results, exitCode: 0, want: { passed: 5, failed: 0 } },
    {
      name: 'a skipped test fails',
      given: { ...results, numPendingTests: 2 },
      exitCode: 0,
      want: { passed: 5, failed: 2 },
    },
    {
      name: 'a forgotten test fails',
      given: { ...results, numTodoTests: 1 },
      exitCode: 0,
      want: { passed: 5, failed: 1 },
    },
    {
      name: 'a file that cannot be loaded fails',
      given: { ...results, numFailedTestSuites: 1 },
      exitCode: 1,
      want: { passed: 5, failed: 1 },
    },
    { name: 'an error outside of any test fails', given: results, exitCode: 1, want: { passed: 5, failed: 1 } },
    { name: 'no results at all fail', given: null, exitCode: 0, want: { passed: 0, failed: 1 } },
  ])('$name', ({ given, exitCode, want }) => {
    expect(countResults(given, exitCode)).toEqual(want)
  })
})
