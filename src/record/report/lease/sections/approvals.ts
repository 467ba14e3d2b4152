import { type Row, textOf, timeOf } from '../../../queries/cells.ts'
import type { Block, Item, Line, Mark } from '../../document.ts'
import { lastedText, timeText } from '../../times.ts'
import type { Part } from '../lease-report.ts'
import { item, leftOut, lines, words, wordsOf } from '../words.ts'

const MARKS: Readonly<Record<string, Mark>> = {
  approved: { word: 'yes', tone: 'good' },
  rejected: { word: 'no', tone: 'bad' },
}
const UNANSWERED: Mark = { word: 'no answer', tone: 'asked' }

/** What people were asked, what each of them said, in their words, and whether the yes was used. */
export function approvalBlocks(questions: readonly Row[], answers: Part, lease: string): readonly Block[] {
  if (questions.length === 0) return [{ kind: 'note', line: ['Nobody was asked.'] }]
  const said = Map.groupBy(answers.rows, row => textOf(row, 'approval'))
  const total = Number(questions[0]?.['total'] ?? questions.length)
  return [
    { kind: 'items', items: questions.map(row => toItem(row, said.get(textOf(row, 'approval')) ?? [])) },
    ...leftOut(questions.length, total, 'questions', `lease-approvals --lease ${lease}`),
    ...leftOut(answers.rows.length, answers.total, 'answers', `lease-answers --lease ${lease}`),
  ]
}

function toItem(row: Row, answers: readonly Row[]): Item {
  const asked = timeOf(row, 'asked_at')
  return item(asked ?? timeOf(row, 'answered_at'), [wordsOf(row, 'question')], {
    mark: MARKS[textOf(row, 'answer')] ?? UNANSWERED,
    details: lines(...answers.map(answer => answerLine(answer, asked)), usedLine(row), [
      'approval ',
      words(textOf(row, 'approval')),
    ]),
  })
}

const SAID: Readonly<Record<string, string>> = {
  approved: ' said yes',
  yes: ' said yes, as one of several',
  rejected: ' said no',
}

function answerLine(answer: Row, asked: number | null): Line {
  const at = timeOf(answer, 'at')
  const why = textOf(answer, 'reason')
  const waited = at === null || asked === null ? '' : `, ${lastedText(Math.max(0, at - asked))} after it was asked`
  return [
    wordsOf(answer, 'by'),
    SAID[textOf(answer, 'event')] ?? ' answered',
    at === null ? '' : ` at ${timeText(at)}${waited}`,
    ...(why === '' ? [', without a word'] : [': “', wordsOf(answer, 'reason'), '”']),
  ]
}

function usedLine(row: Row): Line {
  const used = timeOf(row, 'used_at')
  if (used !== null) return [`the yes was used at ${timeText(used)}`]
  return textOf(row, 'answer') === 'approved' ? ['the yes was not used'] : []
}
