import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { run } from '../../local/process/run.ts'
import { leasegate } from './leasegate.ts'

let directory: string
let script: string

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'leasegate-completion-'))
  script = join(directory, 'leasegate.bash')
  const { code, stdout, stderr } = await leasegate(['completion', 'bash'], {})
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  await writeFile(script, stdout)
})
afterAll(() => rm(directory, { recursive: true }))

/** What bash offers for the last word. */
async function completed(...words: readonly string[]): Promise<readonly string[]> {
  const program = `source "$1"; shift; COMP_WORDS=(leasegate "$@"); COMP_CWORD=$#; _leasegate; printf "%s\\n" "\${COMPREPLY[@]}"`
  const { code, stdout, stderr } = await run('bash', ['-c', program, 'bash', script, ...words])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return stdout.split('\n').filter(word => word !== '')
}

describe('leasegate completion bash', () => {
  test.each([
    { words: ['leas'], want: ['lease'] },
    { words: ['lease', 're'], want: ['request', 'revoke'] },
    { words: ['lease', 'request', '--tem'], want: ['--template'] },
    { words: ['lease', 'request', '--template', 'x', '--nam'], want: ['--namespace'] },
    { words: ['agent', 'hold', '--di'], want: ['--direct'] },
    { words: ['policy', 'check', 'policy.y'], want: [] },
    { words: ['$(touch x)', 'leas'], want: ['lease'] },
  ])('after $words: $want', async ({ words, want }) => {
    expect(await completed(...words)).toEqual(want)
  })

  test('knows every command that the help names', async () => {
    const { stdout } = await leasegate(['--help'], {})
    const named = [...stdout.matchAll(/^ {2}([a-z]+) /gm)].map(([, name]) => name)
    expect(named.length).toBeGreaterThan(15)
    expect(await completed('')).toEqual(expect.arrayContaining(named.filter(name => name !== 'help')))
  })
})

describe('leasegate completion', () => {
  test('says which shells there are', async () => {
    const ran = await leasegate(['completion', 'csh'], {})
    expect(ran).toMatchObject({ code: 2, stdout: '' })
    expect(ran.stderr).toMatch(/bash, zsh, fish/)
  })
})
