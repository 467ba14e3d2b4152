import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { DENIALS } from '../src/authorizer/answer/denials.ts'
import { run } from '../src/cli/program.ts'
import { SETTINGS, type Setting } from '../src/config/settings.ts'

const ROOT = join(import.meta.dirname, '..')
const README = readFileSync(join(ROOT, 'README.md'), 'utf8')

function section(title: string): string {
  const [, text = ''] = README.split(`\n## ${title}\n`)
  return text.split('\n## ')[0] ?? ''
}

function rows(text: string): readonly string[] {
  return text.split('\n').filter(line => line.startsWith('| `'))
}

describe('README', () => {
  test('lists every setting with default and meaning', () => {
    const settings: readonly Setting<unknown>[] = Object.values(SETTINGS)
    expect(rows(section('Settings'))).toEqual(
      settings.map(({ env, fallback, doc }) => {
        const shown = fallback === undefined ? 'required' : fallback === null ? '' : `\`${fallback}\``
        return `| \`${env}\` | ${shown} | ${doc} |`
      }),
    )
  })

  test('lists every reason for a denial with its status', () => {
    expect(rows(section('How a request is decided'))).toEqual(
      Object.entries(DENIALS).map(([reason, { status, says }]) => `| \`${reason}\` | ${status} | ${says} |`),
    )
  })

  test('has a line for every folder, and no other', () => {
    const told = rows(section('Layout')).map(row => /^\| `([^`]+)`/.exec(row)?.[1])
    const folders = readdirSync(join(ROOT, 'src'), { withFileTypes: true })
      .filter(entry => entry.isDirectory())
      .map(({ name }) => `src/${name}`)
    expect(told.filter(name => name?.startsWith('src/')).toSorted()).toEqual(folders.toSorted())
  })

  const commands = [...README.matchAll(/^leasegate ([^\n#<]+)/gm)].map(match => (match[1] ?? '').trim())

  test.each(commands)('leasegate %s is a command with these options', { timeout: 60_000 }, async line => {
    const words = line.split(/\s+/).filter(word => /^[a-z-]+$/.test(word))
    const options = words.filter(word => word.startsWith('--'))
    const names = words.slice(0, words.findIndex(word => word.startsWith('--')) >>> 0).slice(0, 2)
    const help: string[] = []
    const terminal = {
      env: {},
      stdin: process.stdin,
      print: (text: string) => void help.push(text),
      note: (text: string) => void help.push(text),
      stopping: () => new AbortController().signal,
    }
    expect(await run([...names, '--help'], terminal)).toBe(0)
    // A saved query has parameters of its own, which no help can list.
    for (const option of names[0] === 'query' ? [] : options) expect(help.join('')).toContain(option)
  })
})
