import { textOf } from '../../queries/cells.ts'
import type { Document, Section } from '../document.ts'
import { timeText } from '../times.ts'
import type { LeaseReport } from './lease-report.ts'
import { approvalBlocks } from './sections/approvals.ts'
import { countsOf, figures, readBlocks } from './sections/counts.ts'
import { denialBlocks } from './sections/denials.ts'
import { differencesOf } from './sections/differences.ts'
import { objectBlocks } from './sections/objects.ts'
import { sessionBlocks } from './sections/sessions.ts'
import { storyBlocks } from './sections/story.ts'
import { scopeBlocks, whoBlocks } from './sections/who.ts'
import { wordsOf } from './words.ts'

/** What a lease was for and what was done under it, for somebody who was not there. `now`: epoch milliseconds. */
export function toLeaseDocument(report: LeaseReport, now: number): Document {
  const { lease, objects, sessions, denials, questions, answers, story } = report
  const id = textOf(lease, 'lease')
  const counts = countsOf(report.actions)
  const asked = Number(questions[0]?.['total'] ?? questions.length)
  const sections: readonly Section[] = [
    {
      title: 'In short',
      blocks: [figures(counts, Number(objects.rows[0]?.['changed'] ?? 0), asked), ...whoBlocks(lease, now)],
    },
    { title: 'What was changed', blocks: objectBlocks(objects, differencesOf(answers), id) },
    { title: 'What people were asked', blocks: approvalBlocks(questions, answers, id) },
    { title: 'What was refused', blocks: denialBlocks(denials, id) },
    { title: 'Sessions in pods', blocks: sessionBlocks(sessions, report.commands, counts.sessions, id) },
    { title: 'What was read', blocks: readBlocks(counts) },
    { title: 'What the lease allowed', blocks: scopeBlocks(lease) },
    { title: 'In order', blocks: storyBlocks(story, id) },
  ]
  return {
    title: ['Report of a lease: ', wordsOf(lease, 'template')],
    about: ['Lease ', wordsOf(lease, 'lease'), `, as on record at ${timeText(now)}. All times are UTC.`],
    sections,
    foot: [
      [
        'Made by Leasegate from its record alone; no model wrote any of it. Credentials are masked, and of bodies only what an approver was shown is on record.',
      ],
      [
        '“In order” leaves out what was only read. Reasons, names and commands are the agent’s and the approvers’ own words.',
      ],
    ],
  }
}
