import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cut, cutAndMask, cutCommand, marked } from '../../../src/record/journal/cut.ts'
import { entryText, MAX_ENTRY_BYTES } from '../../../src/record/journal/entry-text.ts'
import { parseJournalItem } from '../../../src/record/journal/parse-journal-item.ts'
import { aDecision } from '../a-journal-entry.ts'

const bytes = (text: string): number => Buffer.byteLength(text)

describe('cut', () => {
  test('says how much is missing, also of what was cut before', () => {
    expect(cut('abcdef', 6)).toBe('abcdef')
    expect(cut('abcdef', 4)).toBe('abcd[cut, 2 more]')
    expect(cut(cut('abcdef', 4), 4)).toBe('abcd[cut, 2 more]')
    expect(cut(cut('abcdef', 4), 3)).toBe('abc[cut, 3 more]')
  })

  test('leaves no half of a word, which could be of a credential', () => {
    const text = `${'a '.repeat(20)}hunter2hunter2`
    expect(cutAndMask(text, 47, kept => kept)).toBe(`${'a '.repeat(20)}[cut, 14 more]`)
  })

  test('of a command says which arguments are missing', () => {
    const kept = cutCommand(['sh', '-c', 'x '.repeat(50), 'more', 'and more'], 30)
    expect(kept).toMatchObject({ argv: ['sh', '-c', 'x '.repeat(10)], characters: 80, arguments: 2 })
    expect(marked(kept.argv, kept)).toEqual(['sh', '-c', `${'x '.repeat(10)}[cut, 80 more]`, '[cut, 2 more arguments]'])
  })
})

describe('entryText', () => {
  test('is the entry itself where it is short', () => {
    const entry = aDecision({ command: ['ls', '-la'] })
    expect(JSON.parse(entryText(entry))).toEqual(entry)
  })

  const ugly = fc.string({
    unit: fc.constantFrom('\u0001', '"', '\\', 'é', '\ud800', '😀', 'a', ' '),
    maxLength: 12_000,
  })

  test('is never larger than it may be, keeps what names the request, and can be read again', () => {
    fc.assert(
      fc.property(ugly, fc.array(ugly, { maxLength: 40 }), fc.nat({ max: 3000 }), (text, texts, many) => {
        const entry = aDecision({
          auditId: '3f6bd3c3-9f2e-4f53-b6cf-4a1d6f4f8a11',
          command: [...texts, ...Array.from({ length: many }, () => text.slice(0, 3))],
          path: text,
          detail: text,
          userAgent: text,
          task: { name: text, reason: text, ticket: text },
          info: { ...(aDecision().info ?? never()), name: text, labelSelector: text, namespace: text },
        })
        const kept = entryText(entry)
        expect(bytes(kept)).toBeLessThanOrEqual(MAX_ENTRY_BYTES)
        const item = parseJournalItem({ stream: 's', id: '1-1', entry: kept, settled: null })
        expect(item).toMatchObject({
          entry: { auditId: entry.auditId, agent: entry.agent, decidedAt: entry.decidedAt },
        })
        if (bytes(JSON.stringify(entry)) > MAX_ENTRY_BYTES) expect(kept).toContain('[cut, ')
      }),
      { numRuns: 60 },
    )
  })
})

function never(): never {
  throw new Error('an example without what was asked')
}
