import { describe, expect, test } from 'vitest'
import { searchSession } from '../../../src/session/reading/search-session.ts'
import { recordingOf } from '../a-recording.ts'

const RECORDING = recordingOf([
  [10, 'output', '$ '],
  [20, 'input', 'cat Sec'],
  [30, 'output', 'cat S\x1b[1me\x1b[0mc'],
  [40, 'input', 'ret\r'],
  [50, 'output', 'ret\r\n'],
  [60, 'output', 'a sec'],
  [70, 'error-output', 'ret, and mo'],
  [80, 'output', 're\r\nsecreT at the end'],
])

const search = (text: string) => Array.fromAsync(searchSession(RECORDING.events(), text))

describe('searchSession', () => {
  test('finds lines that were shown or typed, whatever they are coloured with and cut into', async () => {
    expect(await search('secret')).toEqual([
      { atMs: 40, where: 'typed', line: 'cat Secret' },
      { atMs: 50, where: 'shown', line: '$ cat Secret' },
      { atMs: 80, where: 'shown', line: 'a secret, and more' },
      { atMs: 80, where: 'shown', line: 'secreT at the end' },
    ])
  })

  test('finds nothing in escape sequences', async () => {
    expect(await search('[1m')).toEqual([])
  })
})
