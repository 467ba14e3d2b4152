import { describe, expect, test } from 'vitest'
import { typedCommands } from '../../../src/session/reading/typed-commands.ts'
import type { SessionEvent } from '../../../src/session/recording/session-event.ts'
import { openDecoder } from '../../../src/session/tunnel/decoder.ts'
import steps from '../../vectors/bash-session.json' with { type: 'json' }
import { streamOf } from '../a-recording.ts'
import { onChannel, typed } from '../tunnel/wire.ts'

/** A bash on a terminal of 80 columns, typed at key by key, with the times at which what was shown came. */
function recorded(inputs: 'kept' | 'masked'): readonly SessionEvent[] {
  const decoder = openDecoder({ upgrade: 'websocket', protocol: 'v5.channel.k8s.io', inputs })
  const events = steps.flatMap(([who, atMs, text]) => {
    const [side, bytes] =
      who === 'types' ? (['client', typed(`${text}`)] as const) : (['server', onChannel(1, `${text}`)] as const)
    const answer = decoder.push(side, bytes, Number(atMs))
    if ('why' in answer) throw new Error(answer.why)
    return answer
  })
  return [...events, ...decoder.end(Number.MAX_SAFE_INTEGER)]
}

const LONG = `echo ${'long '.repeat(40)}`.trim()
const COMMANDS = [
  ...['ls /srv/', 'read -s x; echo got', 'read -s -p Password: y', 'echo aZbc', 'echo aZbc', 'sleep 9', LONG],
  ...['cat <<EOF', 'one', 'EOF', 'echo pasted one', 'exit'],
]

describe('a session of bash', () => {
  test('holds its passwords only where all is kept', () => {
    const inputOf = (events: readonly SessionEvent[]) =>
      events
        .map(({ kind, bytes, hidden }) =>
          kind === 'input' ? Buffer.from(bytes).toString() : hidden ? `<${hidden}>` : '',
        )
        .join('')
    const [kept, masked] = [inputOf(recorded('kept')), inputOf(recorded('masked'))]
    expect(kept.match(/hunter2\r/g)).toHaveLength(2)
    // What was pasted in several lines is left out with them: its second line was typed before its prompt.
    const pasted = 'echo pasted one\recho pasted two\r'
    expect(masked).toBe(kept.replaceAll('hunter2\r', '<8>').replace(pasted, `<${pasted.length}>`))
  })

  test('tells its commands: completed, corrected, from the history, longer than a row', async () => {
    expect((await typedCommands(streamOf(recorded('kept')))).map(({ command }) => command)).toEqual(COMMANDS)
  })

  test('tells those that are masked as well, as far as they were typed one by one', async () => {
    const wanted = COMMANDS.filter(command => !command.includes('pasted'))
    expect((await typedCommands(streamOf(recorded('masked')))).map(({ command }) => command)).toEqual(wanted)
  })
})
