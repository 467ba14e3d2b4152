import { readFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'

interface Attack {
  /** Family and number. */
  readonly id: string
  readonly what: string
  readonly tests?: readonly { readonly file: string; readonly title: string }[]
  /** What has to be there before it can be tried. */
  readonly waits?: string
}

const ROOT = new URL('../../', import.meta.url)
const attacks: readonly Attack[] = JSON.parse(await readFile(new URL('catalogue.json', import.meta.url), 'utf8'))

const FAMILIES: Readonly<Record<string, string>> = {
  HDR: 'headers and identity',
  PATH: 'paths and queries',
  VERB: 'what a verb hides',
  UPG: 'upgrades and streams',
  EXT: 'the check itself',
  BODY: 'bodies',
  JWT: 'tokens',
  REDIS: 'the store',
  APPR: 'approvals',
  DECV: 'what approvers see',
  REC: 'recorded sessions',
  LOG: 'the record',
  CH: 'ClickHouse',
  DOS: 'floods',
  BYP: 'ways around',
  ADM: 'operation',
  MULTI: 'several clusters',
  SUP: 'supply chain',
}

const familyOf = ({ id }: Attack) => id.split('-', 1).join('')

describe('the catalogue of attacks', () => {
  test.each(attacks)(
    '$id: $what: its tests are there, or it says what it waits for',
    async ({ tests = [], waits = '' }) => {
      expect(tests.length > 0).toBe(waits === '')
      for (const { file, title } of tests) {
        expect(await readFile(new URL(file, ROOT), 'utf8')).toContain(title)
      }
    },
  )

  test('names each attack once, in a family that is known', () => {
    expect(new Set(attacks.map(({ id }) => id)).size).toBe(attacks.length)
    expect(attacks.filter(attack => !Object.hasOwn(FAMILIES, familyOf(attack)))).toEqual([])
  })

  test('is counted in the docs as it is', async () => {
    const rows = Object.entries(FAMILIES).map(([family, name]) => {
      const ours = attacks.filter(attack => familyOf(attack) === family)
      const waiting = ours.filter(({ waits }) => waits !== undefined)
      const why = [...new Set(waiting.map(({ waits }) => waits))].join('; ')
      return `| ${name} | ${ours.length - waiting.length} | ${waiting.length} | ${why} |`
    })
    expect(await readFile(new URL('docs/security.md', ROOT), 'utf8')).toContain(rows.join('\n'))
  })
})
