import { Readable } from 'node:stream'
import type { CommandGroups } from '../../../src/cli/commands.ts'
import { PLATFORM_COMMANDS } from '../../../src/cli/platform-commands.ts'
import { run } from '../../../src/cli/program.ts'

/** `leasegate …` without a process of its own, which takes longer to start than these commands to run. */
export async function inProcess(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  groups: CommandGroups = { 'Commands:': PLATFORM_COMMANDS },
) {
  let [stdout, stderr] = ['', '']
  const terminal = {
    env,
    stdin: Readable.from([]),
    print: (text: string) => {
      stdout += text
    },
    note: (text: string) => {
      stderr += text
    },
    stopping: () => AbortSignal.timeout(60_000),
  }
  const code = await run(args, terminal, groups)
  return { code, stdout, stderr }
}
