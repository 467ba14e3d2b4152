import { expect, test } from 'vitest'
import { outcomeOf } from '../../../src/approval/plan/write/outcome.ts'
import { findSlow } from '../../fuzz/linear.ts'
import { read } from '../../request/a-http-request.ts'
import { found } from './a-told-plan.ts'

const NOW = Date.parse('2026-09-08T10:00:00Z')
const { info } = read('POST /api/v1/namespaces/shop/configmaps', {})
/** As much as is kept of what was sent. */
const KEPT = 250_000

/** Different times of about now, one after the other. */
const times = (write: (at: number) => string) => (length: number) => {
  let text = ''
  for (let at = 0; text.length < length; at += 1) text += `${write(NOW + at)} `
  return text
}
const SHAPES = [
  { name: 'milliseconds', text: times(String) },
  { name: 'dates', text: times(at => new Date(at).toISOString()) },
  { name: 'dates without a zone', text: times(at => new Date(at).toISOString().slice(0, -1).replace('T', ' ')) },
]

const noted = (annotations: Readonly<Record<string, string>>) => found({ metadata: { name: 'c', annotations } })

test.each([
  { where: 'one annotation', object: (text: string) => noted({ a: text }) },
  {
    where: 'an annotation each',
    object: (text: string) => noted(Object.fromEntries(text.split(' ').map((time, at) => [`a${at}`, time]))),
  },
])(
  'what becomes of an object full of times is found in time that grows with it and no faster: $where',
  async ({ object }) => {
    const work = (text: string) => {
      const run = object(text)
      return outcomeOf({ info, runs: [run, run], known: [text, 'null'], now: NOW })
    }
    expect(await findSlow(work, SHAPES, KEPT, 1000)).toEqual([])
  },
  300_000,
)
