import { spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { run } from '../../../local/process/run.ts'
import { NOT_TRIED } from '../../../local/testing/count-results.ts'
import { leasegate } from '../leasegate.ts'

let directory: string
let script: string

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'leasegate-completion-'))
  script = await scriptFor('bash')
})
afterAll(() => rm(directory, { recursive: true }))

async function scriptFor(shell: string): Promise<string> {
  const file = join(directory, `leasegate.${shell}`)
  const { code, stdout, stderr } = await leasegate(['completion', shell], {})
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  await writeFile(file, stdout)
  return file
}

/** A suite for a shell that may not be there, which is said then. */
function withShell(shell: string): { readonly lacks: boolean; readonly name: string } {
  const lacks = spawnSync(shell, ['--version']).error !== undefined
  return { lacks, name: `${lacks ? `${NOT_TRIED}${shell}: ` : ''}leasegate completion ${shell}` }
}

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

const fish = withShell('fish')
describe.skipIf(fish.lacks)(fish.name, () => {
  test.each([
    { line: 'leasegate leas', want: ['lease'] },
    { line: 'leasegate lease re', want: ['request', 'revoke'] },
    { line: 'leasegate lease request --tem', want: ['--template'] },
    { line: 'leasegate lease request --template x --nam', want: ['--namespace'] },
    { line: 'leasegate policy check polic', want: ['policy.yaml'] },
  ])('after $line: $want', async ({ line, want }) => {
    await writeFile(join(directory, 'policy.yaml'), '')
    const program = `source ${await scriptFor('fish')}; cd ${directory}; complete -C '${line}'`
    const { code, stdout, stderr } = await run('fish', ['--no-config', '-c', program])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout.split('\n').filter(word => word !== '')).toEqual(want)
  })
})

const zsh = withShell('zsh')
describe.skipIf(zsh.lacks)(zsh.name, () => {
  /** In a terminal of its own, where somebody types the line and a tab: what zsh makes of it, or what there was when it took too long. */
  const TYPED = `
zmodload zsh/zpty zsh/datetime
zpty -b shell zsh -f -i
await() {
  seen=''
  local end=$((EPOCHSECONDS + 60))
  while [[ $seen != *"$1"* && $EPOCHSECONDS -lt $end ]]; do zpty -r -t shell some && seen+=$some || sleep 0.05; done
}
zpty -w shell "source $1 && print rea''dy"
await ready
zpty -w -n shell "$2"$'\t'
await "$3"
print -r -- "$seen"`

  test.each([
    { line: 'leasegate leas', want: 'leasegate lease' },
    { line: 'leasegate lease req', want: 'leasegate lease request' },
    { line: 'leasegate lease request --tem', want: 'leasegate lease request --template' },
  ])('after $line: $want', async ({ line, want }) => {
    const { stdout } = await run('zsh', ['-f', '-c', TYPED, 'zsh', await scriptFor('zsh'), line, want])
    expect(stdout).toContain(want)
  })
})

describe('leasegate completion', () => {
  test('says which shells there are', async () => {
    const ran = await leasegate(['completion', 'csh'], {})
    expect(ran).toMatchObject({ code: 2, stdout: '' })
    expect(ran.stderr).toMatch(/bash, zsh, fish/)
  })
})
