import { join } from 'node:path'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Sessions are not the first to be tried: Envoy learns half a minute after the start where they are recorded. */
class ByName extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return files.toSorted((a, b) => a.moduleId.localeCompare(b.moduleId))
  }
}

/** Apart from the others: it starts a node before its first test, which would run beside all of theirs. */
export default defineConfig({
  test: {
    name: 'node',
    include: ['test/node/**/*.test.ts'],
    // Those have a configuration of their own.
    exclude: ['test/node/ends/**'],
    globalSetup: join(import.meta.dirname, 'setup.ts'),
    testTimeout: 180_000,
    hookTimeout: 180_000,
    expect: { poll: { timeout: 60_000 } },
    pool: 'forks',
    // They share the node.
    fileParallelism: false,
    sequence: { sequencer: ByName },
  },
})
