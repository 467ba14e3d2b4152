import { stopSignal } from '../support/shutdown.ts'
import { run } from './program.ts'

/** Whoever reads our output may stop reading: that is no error (`leasegate query … | head`). */
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))

const exitCode = await run(process.argv.slice(2), {
  env: process.env,
  stdin: process.stdin,
  print: text => process.stdout.write(text),
  note: text => process.stderr.write(text),
  stopping: stopSignal,
})
// What a slow reader has not taken yet would be lost.
for (const stream of [process.stdout, process.stderr]) await new Promise(resolve => stream.write('', resolve))
process.exit(exitCode)
