import { createServer } from 'node:net'
import { workerData } from 'node:worker_threads'
import '../../../src/tap/recording/recorder-thread.ts'

/** The recorder's thread, which dies of whoever connects: an error that nobody catches. */
createServer(() => {
  throw new Error('a fault of the recorder')
}).listen(`${workerData.sessionsDirectory}.dies`)
