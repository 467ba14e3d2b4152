import { describe, expect, test } from 'vitest'
import { parseAsciicast } from '../../../src/session/asciicast/parse-asciicast.ts'
import { toAsciicast } from '../../../src/session/asciicast/to-asciicast.ts'
import { EXITED_3, recordingOf } from '../a-recording.ts'

const linesOf = async (recording: ReturnType<typeof recordingOf>, raw = false) => {
  const lines = await Array.fromAsync(toAsciicast(recording, { title: 'a', raw }))
  expect(lines.every(line => line.endsWith('\n') && line.indexOf('\n') === line.length - 1)).toBe(true)
  return lines.map(line => JSON.parse(line) as unknown)
}

describe('toAsciicast', () => {
  const SESSION = recordingOf([
    [20, 'resize', '{"Width":100,"Height":40}'],
    [120, 'output', Buffer.from([0xe2, 0x82])],
    [1120, 'output', Buffer.from([0xac])],
    [1500, 'input', 'l\r'],
    [1600, 'hidden-input', '', 9],
    [1700, 'resize', '{"width":80,"height":24}'],
    [1800, 'error-output', 'bad\x1b]52;c;x\x07'],
    [2000, 'status', EXITED_3],
  ])

  test('writes version 3: the size, then each event with the time since the one before', async () => {
    expect(await linesOf(SESSION)).toEqual([
      {
        ...{ version: 3, term: { cols: 100, rows: 40 }, timestamp: 1_795_946_400, title: 'a' },
        tags: ['leasegate', 'exec'],
      },
      [0.02, 'r', '100x40'],
      [1.1, 'o', '€'],
      [0.38, 'i', 'l\r'],
      [0.1, 'm', '9 bytes of input are not kept'],
      [0.1, 'r', '80x24'],
      [0.1, 'o', 'bad'],
      [0, 'x', '3'],
    ])
  })

  test('keeps what acts on a terminal only where that is asked for', async () => {
    expect(await linesOf(SESSION, true)).toContainEqual([0.1, 'o', 'bad\x1b]52;c;x\x07'])
  })

  test('has a size where the session had none, and no exit code where none was told', async () => {
    const lines = await linesOf(recordingOf([[0, 'output', 'x']], false))
    expect(lines).toMatchObject([{ term: { cols: 80, rows: 24 } }, [0, 'o', 'x']])
  })

  test('prints nothing that a terminal could act on, whatever it keeps', async () => {
    const odd = recordingOf([
      [0, 'output', '\u009b6n\x1b[6n\u202e'],
      [1, 'input', '\u009d0;x\u009c\x7f'],
    ])
    const text = (await Array.fromAsync(toAsciicast(odd, { title: 'a', raw: true }))).join('')
    expect(text).toMatch(/^[\x20-\x7e\n]*$/)
    expect(
      text
        .split('\n')
        .slice(1, 3)
        .map(line => JSON.parse(line)[2]),
    ).toEqual(['\u009b6n\x1b[6n\u202e', '\u009d0;x\u009c\x7f'])
  })

  test('can be read back', async () => {
    const text = (await Array.fromAsync(toAsciicast(SESSION, { title: 'a', raw: true }))).join('')
    const back = parseAsciicast(text)
    expect(back?.head.startedAt).toBe('2026-11-29T10:00:00.000Z')
    const events = await Array.fromAsync(back?.events() ?? [])
    const shown = events.map(({ atMs, kind, bytes }) => `${atMs} ${kind} ${Buffer.from(bytes)}`)
    expect(shown).toEqual([
      ...[
        '20 resize {"Width":100,"Height":40}',
        '1120 output €',
        '1500 input l\r',
        '1700 resize {"Width":80,"Height":24}',
      ],
      ...['1800 output bad\x1b]52;c;x\x07', expect.stringMatching(/^1800 status .*"3"/)],
    ])
  })
})

describe('parseAsciicast', () => {
  test('reads the second version, whose times count from the beginning', async () => {
    const text = '{"version": 2, "width": 80, "height": 24}\n[0.5, "o", "a"]\n\n[1.25, "o", "b"]\n'
    const events = await Array.fromAsync(parseAsciicast(text)?.events() ?? [])
    expect(events.map(({ atMs }) => atMs)).toEqual([500, 1250])
  })

  test('passes comments over, and codes that it does not know', async () => {
    const text = '{"version": 3, "term": {}}\n# more\n[1, "z", "a"]\n[1, "o", "b"]'
    expect(await Array.fromAsync(parseAsciicast(text)?.events() ?? [])).toMatchObject([{ atMs: 2000 }])
  })

  test.each([
    '',
    'text',
    '{"version": 4}',
    '[3]',
    'null',
    '{"version": 3}\n{"a": 1}',
    '{"version": 3}\n["1", "o", "x"]',
  ])('says that %j is none', text => {
    expect(parseAsciicast(text)).toBeNull()
  })
})
