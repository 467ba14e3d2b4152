import { writeFileSync } from 'node:fs'
import type { Reporter, SerializedError, TestModule } from 'vitest/node'

/** The environment variable with the file that it writes. */
export const STRAY_ERRORS = 'TEST_STRAY_ERRORS'

/** Says how many errors belong to no test: vitest's JSON does not. */
export default class StrayErrors implements Reporter {
  onTestRunEnd(_: readonly TestModule[], errors: readonly SerializedError[]): void {
    const file = process.env[STRAY_ERRORS]
    if (file !== undefined) writeFileSync(file, String(errors.length))
  }
}
