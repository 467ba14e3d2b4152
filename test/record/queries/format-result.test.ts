import { describe, expect, test } from 'vitest'
import { formatResult } from '../../../src/record/queries/format-result.ts'

const result = {
  columns: [
    { name: 'time', type: 'DateTime64(3)' },
    { name: 'agent', type: 'String' },
    { name: 'note', type: 'Nullable(String)' },
    { name: 'command', type: 'Array(String)' },
  ],
  rows: [
    ['2026-09-01 10:00:00.000', 'fixer', null, ['ls', '-la']],
    ['2026-09-01 10:00:01.500', 'long-agent-name', '', []],
  ],
}
const hostile = { columns: [{ name: 'a', type: 'String' }], rows: [['\u001b[2J\u009b\u202e"x",\ny']] }

describe('formatResult', () => {
  test('a table has aligned columns, and leaves out those that say nothing', () => {
    expect(formatResult(result, 'table')).toBe(
      [
        'TIME                  AGENT             COMMAND',
        '2026-09-01 10:00:00   fixer             ls -la',
        '2026-09-01 10:00:01   long-agent-name   -',
        '',
      ].join('\n'),
    )
  })

  test('what is the same in every row is said once, above', () => {
    const columns = [
      { name: 'agent', type: 'String' },
      { name: 'what', type: 'String' },
    ]
    const rows = [
      ['fixer', 'list pods'],
      ['fixer', 'get pods'],
    ]
    expect(formatResult({ ...result, columns, rows }, 'table')).toBe('AGENT   fixer\n\nWHAT\nlist pods\nget pods\n')
  })

  test('a long value is cut in a table, says so, and is whole elsewhere', () => {
    const long = `sh -c "${'x'.repeat(5000)}"`
    const columns = [
      { name: 'command', type: 'String' },
      { name: 'agent', type: 'String' },
    ]
    const rows = [
      [long, 'fixer'],
      ['ls', 'cleaner'],
    ]
    const lines = formatResult({ columns, rows }, 'table', 160).split('\n')
    expect(Math.max(...lines.map(line => line.length))).toBeLessThan(200)
    expect(lines[1]).toMatch(/\[cut, \d+ more\] +fixer$/)
    for (const format of ['csv', 'json'] as const)
      expect(formatResult({ columns, rows }, format, 160)).toContain('x'.repeat(5000))
  })

  test('CSV is as RFC 4180 has it', () => {
    expect(formatResult(result, 'csv')).toBe(
      'time,agent,note,command\r\n2026-09-01 10:00:00.000,fixer,,"[""ls"",""-la""]"\r\n2026-09-01 10:00:01.500,long-agent-name,,[]\r\n',
    )
  })

  test.each(['=1+1', '+1', '-1', '@x', '\t=1', '\r=1', '\uff1d1+1', '\uff0b1', '\uff0d1', '\uff20x'])(
    'CSV: a text that a spreadsheet would run is quoted: %j',
    text => {
      const columns = [
        { name: 'what', type: 'LowCardinality(String)' },
        { name: 'wait_ms', type: 'Nullable(Int64)' },
      ]
      expect(formatResult({ columns, rows: [[text, -5]] }, 'csv')).toMatch(/^what,wait_ms\r\n"?'[^']*,-5\r\n$/)
      const dynamic = [{ name: 'what', type: 'Dynamic' }]
      expect(formatResult({ columns: dynamic, rows: [[text]] }, 'csv')).toMatch(/^what\r\n"?'/)
    },
  )

  test('CSV: no direction mark turns a line round', () => {
    const columns = [{ name: 'what', type: 'String' }]
    expect(formatResult({ columns, rows: [['a\u202eb\u2028c']] }, 'csv')).toBe('what\r\na\ufffdb\ufffdc\r\n')
  })

  test('JSON is a list of objects and gives back every value', () => {
    expect(JSON.parse(formatResult(result, 'json'))[0]).toEqual({
      time: '2026-09-01 10:00:00.000',
      agent: 'fixer',
      note: null,
      command: ['ls', '-la'],
    })
    expect(JSON.parse(formatResult(hostile, 'json'))).toEqual([{ a: hostile.rows[0]?.[0] }])
    expect(formatResult({ ...result, rows: [] }, 'json')).toBe('[]\n')
  })

  test('no rows are said, not shown', () => {
    expect(formatResult({ ...result, rows: [] }, 'table')).toBe('No rows.\n')
  })

  test.each(['table', 'json', 'csv'] as const)('what an agent wrote does nothing to the terminal: %s', format => {
    expect(formatResult(hostile, format)).not.toMatch(/(?![\r\n])\p{Cc}/u)
  })
})
