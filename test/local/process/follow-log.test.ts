import { appendFile, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { followLog } from '../../../local/process/follow-log.ts'
import { until } from '../../support/until.ts'

let folder: string
let file: string
let stop: () => void
const told: string[] = []

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'leasegate-log-'))
  file = join(folder, 'role.log')
  await writeFile(file, `${'before '.repeat(20)}\n`)
  told.length = 0
  stop = followLog(file, line => told.push(line))
})
afterEach(async () => {
  stop()
  await rm(folder, { recursive: true })
})

test('nothing that a log says acts on the terminal', async () => {
  const said = { level: 50, msg: 'no\u001b[2J\u202e', err: { message: 'a\u009b6n\nb' } }
  await appendFile(file, `${JSON.stringify(said)}\nplain \u001b]0;x\u0007\n`)
  await until('both lines', () => told.length === 2)
  expect(told.join('')).toMatch(/no.*: a.*b.*plain/s)
  expect(told.join('')).not.toMatch(/[\p{Cc}\p{Cf}]/u)
})

test('a log that was cut is followed from its new beginning', async () => {
  await truncate(file, 0)
  await appendFile(file, 'anew\n')
  await until('the new line', () => told.includes('anew'))
})
