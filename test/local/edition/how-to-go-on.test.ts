import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Edition } from '../../../local/edition/edition.ts'
import { howToGoOn } from '../../../local/edition/how-to-go-on.ts'
import { STORY_NAMES } from '../../../local/edition/names.ts'

let directory: string
let said: string

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'leasegate-go-on-'))
  const of = (who: string) => ({ LEASEGATE_IDENTITY_TOKEN_FILE: `/somewhere/${who}.token` })
  // Only what it says something of.
  const edition = {
    directory,
    names: STORY_NAMES,
    boundaryUrl: 'https://127.0.0.1:6443',
    caFile: '/somewhere/ca.pem',
    console: { url: 'https://127.0.0.1:8444', password: 'five-words' },
    environments: { agent: of('agent'), approver: of('approver'), admin: of('admin') },
  } as unknown as Edition
  said = await howToGoOn(edition)
})
afterAll(() => rm(directory, { recursive: true, force: true }))

test('npm start ends with where the console is, and as whom to sign in', () => {
  const { approver, admin } = STORY_NAMES
  expect(said).toMatch(/^ +console +https:\/\/127\.0\.0\.1:8444\/console +\(as (\S+) or (\S+), password five-words\)$/m)
  expect(said).toContain(`(as ${approver} or ${admin}, password five-words)`)
})

test('it ends with what to type, each role from a file that is for its owner alone', async () => {
  for (const who of ['agent', 'approver', 'admin']) {
    const [, file = ''] = new RegExp(String.raw`^ +as (?:the|an) ${who} +\. (\S+)$`, 'm').exec(said) ?? []
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    expect(await readFile(file, 'utf8')).toContain(`export LEASEGATE_IDENTITY_TOKEN_FILE='/somewhere/${who}.token'`)
  }
})
