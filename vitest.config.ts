import { defineConfig } from 'vitest/config'
import { LONGEST, SHORT, SLOW, SlowFirst } from './local/testing/slow-first.ts'

/** For what hangs: a test that wants something sooner says so itself, by a deadline that follows the machine. */
const TEST_WITHIN_MS = 180_000
const SET_UP_WITHIN_MS = 600_000
/** vitest's own is a second. */
const POLL_WITHIN_MS = 60_000

/** Of every project: what a test says itself goes before. Those of one run come one after the other, since each has workers of its own number. */
const COMMON = {
  testTimeout: TEST_WITHIN_MS,
  hookTimeout: SET_UP_WITHIN_MS,
  expect: { poll: { timeout: POLL_WITHIN_MS } },
  // Processes, not threads: tests start servers and set their umask.
  pool: 'forks',
  // A worker reads what it imports once, not once for each file: half a second of CPU each. What a file sets in its process, it puts back.
  isolate: false,
} as const

const ELSEWHERE = ['test/e2e/**', 'test/envoy/age/**', 'test/node/**', 'test/clients/tools/**', 'test/release/**']
const SLOWER = [...LONGEST, ...SLOW.map(folder => `${folder}**`)]

export default defineConfig({
  test: {
    sequence: { sequencer: SlowFirst },
    projects: [
      {
        test: {
          ...COMMON,
          name: 'parts',
          sequence: { groupOrder: 1 },
          // Each may start databases and clusters of its own, however many cores there are. Three leave a fifth of two cores idle.
          maxWorkers: 4,
          include: ['test/**/*.test.ts'],
          exclude: [...ELSEWHERE, ...(process.env[SHORT] === undefined ? [] : SLOWER)],
        },
      },
      {
        test: {
          ...COMMON,
          // Streams that grow old: minutes of waiting, so `npm test` runs it beside the others.
          name: 'aged',
          sequence: { groupOrder: 2 },
          include: ['test/envoy/age/**/*.test.ts'],
          maxWorkers: 2,
        },
      },
      {
        test: {
          ...COMMON,
          // What takes minutes to build: `npm run clients` and the long tests try it.
          name: 'tools',
          sequence: { groupOrder: 3 },
          include: ['test/clients/tools/**/*.test.ts'],
          hookTimeout: 1_200_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          ...COMMON,
          // Builds images and programs, and wants root: asked for by its folder.
          name: 'release',
          sequence: { groupOrder: 4 },
          include: ['test/release/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          ...COMMON,
          name: 'e2e',
          sequence: { groupOrder: 0 },
          include: ['test/e2e/**/*.test.ts'],
          testTimeout: 2 * TEST_WITHIN_MS,
          // Each has a cluster of its own, and limits that follow the machine's load; two leave it idle a quarter of the time.
          maxWorkers: 3,
        },
      },
    ],
  },
})
