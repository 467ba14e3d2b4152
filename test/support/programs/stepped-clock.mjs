// Preloaded into a process whose clock a test steps: as far ahead of the machine's, in milliseconds, as the file says that CLOCK_STEP_FILE names.
import { readFileSync, watchFile } from 'node:fs'

const file = process.env['CLOCK_STEP_FILE'] ?? ''
const real = Date.now
let ahead = 0
const read = () => {
  try {
    ahead = Number(readFileSync(file, 'utf8')) || 0
  } catch {
    ahead = 0
  }
}
read()
watchFile(file, { interval: 50, persistent: false }, read)

Date.now = () => real() + ahead
globalThis.Date = new Proxy(Date, {
  construct: (target, args, as) => Reflect.construct(target, args.length === 0 ? [target.now()] : args, as),
})
