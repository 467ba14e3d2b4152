import { Readable } from 'node:stream'
import { run } from '../../../src/cli/program.ts'

/** `leasegate …` without a process of its own, which takes longer to start than these commands to run. */
export async function inProcess(args: readonly string[], env: Readonly<Record<string, string>>) {
  let [stdout, stderr] = ['', '']
  const code = await run(args, {
    env,
    stdin: Readable.from([]),
    print: text => {
      stdout += text
    },
    note: text => {
      stderr += text
    },
    stopping: () => AbortSignal.timeout(60_000),
  })
  return { code, stdout, stderr }
}
