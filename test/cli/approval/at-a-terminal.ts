import { spawn } from 'node:child_process'
import { MAIN } from '../../../local/edition/leasegate.ts'
import { until } from '../../support/until.ts'
import { SURROUNDINGS } from '../leasegate.ts'

/** What node has no means for: a pseudo-terminal. It ends as what ran in it did. */
const IN_TERMINAL = 'import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))'

/** A key that ends the input of a terminal. */
export const END_OF_INPUT = '\u0004'

export interface SeenAtTerminal {
  readonly code: number | null
  /** All that was on the screen, and where in it the keys were pressed. */
  readonly text: string
  readonly typedAt: number
}

/** The real command with a person before it, who types once it asks. */
export async function atATerminal(
  args: readonly string[],
  env: Record<string, string>,
  { asks, keys }: { readonly asks: string; readonly keys: string },
): Promise<SeenAtTerminal> {
  const child = spawn('python3', ['-c', IN_TERMINAL, process.execPath, MAIN, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...SURROUNDINGS, TERM: 'dumb', ...env },
  })
  let text = ''
  child.stdout.setEncoding('utf8').on('data', chunk => {
    text += chunk
  })
  const closed = new Promise<number | null>(resolve => child.once('close', resolve))
  try {
    await until(`the terminal to ask ${asks}`, () => text.includes(asks) || child.exitCode !== null, 60_000)
    const typedAt = text.length
    child.stdin.write(keys)
    return { code: await closed, text, typedAt }
  } finally {
    child.kill()
  }
}
