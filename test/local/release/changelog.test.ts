import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readChangelog } from '../../../local/release/changelog.ts'

const ROOT = join(import.meta.dirname, '../../..')

const text = (...parts: readonly string[]) => ['# Changelog\n', ...parts].join('\n')
const UNRELEASED = '## [Unreleased]\n\n### Added\n\n- A thing.\n'

describe('readChangelog', () => {
  test('ours is in the form of Keep a Changelog, and has no version that is newer than the package', async () => {
    const { sections, problems } = readChangelog(await readFile(join(ROOT, 'CHANGELOG.md'), 'utf8'))
    expect(problems).toEqual([])
    const { version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'))
    const [, newest] = sections
    expect([undefined, version]).toContain(newest?.version)
  })

  test('reads versions with their days', () => {
    const read = readChangelog(
      text(UNRELEASED, '## [0.2.0] - 2026-12-01\n\n### Fixed\n\n- It.\n', '## [0.1.0] - 2026-11-30\n'),
    )
    expect(read.problems).toEqual([])
    expect(read.sections).toEqual([
      { version: 'Unreleased', date: null },
      { version: '0.2.0', date: '2026-12-01' },
      { version: '0.1.0', date: '2026-11-30' },
    ])
  })

  test.each([
    { name: 'another beginning', given: UNRELEASED, says: '# Changelog' },
    { name: 'no part for what comes', given: text('## [0.1.0] - 2026-11-30\n'), says: '[Unreleased] comes first' },
    { name: 'a version without a day', given: text(UNRELEASED, '## [0.1.0]\n'), says: 'has its day' },
    { name: 'a heading that is no version', given: text(UNRELEASED, '## next\n'), says: 'is no [version]' },
    { name: 'a kind of its own', given: text(`${UNRELEASED}\n### News\n\n- It.\n`), says: '### News is none of' },
    { name: 'a kind twice', given: text(`${UNRELEASED}\n### Added\n\n- It.\n`), says: '### Added stands twice' },
    { name: 'a kind with nothing in it', given: text(`${UNRELEASED}\n### Fixed\n`), says: 'lists nothing' },
    {
      name: 'versions in another order',
      given: text(UNRELEASED, '## [0.1.0] - 2026-11-30\n', '## [0.10.0] - 2026-12-01\n'),
      says: '0.1.0 comes before 0.10.0',
    },
  ])('finds $name', ({ given, says }) => {
    expect(readChangelog(given).problems.join()).toContain(says)
  })
})
