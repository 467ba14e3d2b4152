import { describe, expect, test } from 'vitest'
import { replay } from '../../../src/session/replay/replay.ts'
import { EXITED_3, recordingOf } from '../a-recording.ts'

const RECORDING = recordingOf([
  [0, 'output', '$ '],
  [100, 'input', 'l'],
  [100, 'output', 'l'],
  [10_100, 'output', Buffer.from([0xe2, 0x82])],
  [10_200, 'output', Buffer.from([0xac])],
  [10_300, 'output', '\x1b]0;x'],
  [10_400, 'output', '\x07done'],
  [10_500, 'status', EXITED_3],
])

interface Watched {
  readonly shown: string
  readonly waits: readonly number[]
  readonly replayed: Awaited<ReturnType<typeof replay>>
}

async function watch({ speed = 1, idleMs = null as number | null, fromMs = 0, stopAfter = 99 } = {}): Promise<Watched> {
  const [stop, waits] = [new AbortController(), [] as number[]]
  let shown = ''
  const replayed = await replay(RECORDING, {
    ...{ speed, idleMs, fromMs, stopping: stop.signal },
    write: text => {
      shown += text
    },
    wait: async ms => {
      waits.push(Math.round(ms))
      if (waits.length === stopAfter) stop.abort()
    },
  })
  return { shown, waits, replayed }
}

describe('replay', () => {
  test('shows what was shown, as long after one another as it was, and how it ended', async () => {
    const { shown, waits, replayed } = await watch()
    expect(shown).toSatisfy((text: string) => text.startsWith('$ l€done\x1b'))
    expect(waits).toEqual([100, 10_000, 100, 100, 100, 100])
    expect(replayed).toMatchObject({ ending: { exitCode: 3 }, leftOut: 1, lastMs: 10_500 })
  })

  test('is faster, and waits no longer than it may', async () => {
    expect((await watch({ speed: 2, idleMs: 2000 })).waits).toEqual([50, 1000, 50, 50, 50, 50])
  })

  test('shows at once what was before the time it begins from', async () => {
    const { shown, waits } = await watch({ fromMs: 10_150 })
    expect(waits).toEqual([50, 100, 100, 100])
    expect(shown).toMatch(/^\$ l€done/)
  })

  test('stops when it is told to, and leaves the terminal as it should be', async () => {
    const { shown, replayed } = await watch({ stopAfter: 2 })
    expect(shown).toSatisfy((text: string) => text.startsWith('$ l\x1b'))
    expect(shown).toContain('\x1b[?25h')
    expect(replayed.ending).toBeNull()
  })

  test('leaves the terminal as it should be where the recording cannot be read on', async () => {
    let shown = ''
    const broken = {
      ...RECORDING,
      events: async function* () {
        yield* RECORDING.events()
        throw new Error('cut off')
      },
    }
    const write = (text: string) => {
      shown += text
    }
    const options = {
      speed: 1,
      idleMs: null,
      fromMs: 0,
      write,
      wait: async () => {},
      stopping: new AbortController().signal,
    }
    await expect(replay(broken, options)).rejects.toThrow('cut off')
    expect(shown).toContain('\x1b[?25h')
  })
})
