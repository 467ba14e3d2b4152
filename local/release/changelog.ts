export interface Section {
  /** `Unreleased` for what is not. */
  readonly version: string
  /** Null of what is not released. */
  readonly date: string | null
}

/** As https://keepachangelog.com/en/1.1.0/ names them. */
const KINDS = ['Added', 'Changed', 'Deprecated', 'Removed', 'Fixed', 'Security']

/** The versions that a changelog has, the newest first; all that is not in that form at once. */
export function readChangelog(text: string): {
  readonly sections: readonly Section[]
  readonly problems: readonly string[]
} {
  const [before = '', ...parts] = text.split(/^## /m)
  const read = parts.map(readSection)
  const sections = read.map(({ section }) => section)
  const released = sections.filter(({ date }) => date !== null)
  const problems = [
    ...(before.startsWith('# Changelog\n') ? [] : ['it begins with # Changelog']),
    ...(sections[0]?.version === 'Unreleased' ? [] : ['[Unreleased] comes first']),
    ...read.flatMap(one => one.problems),
    ...released.flatMap((one, index) => {
      const older = released[index + 1]
      return older === undefined || isNewer(one, older) ? [] : [`${one.version} comes before ${older.version}`]
    }),
  ]
  return { sections, problems }
}

function readSection(part: string): { readonly section: Section; readonly problems: readonly string[] } {
  const [heading = '', ...rest] = part.split('\n')
  const [, version = '', date = null] = /^\[(Unreleased|\d+\.\d+\.\d+)\](?: - (\d{4}-\d\d-\d\d))?$/.exec(heading) ?? []
  const [, ...groups] = rest.join('\n').split(/^### /m)
  const kinds = groups.map(group => group.split('\n', 1)[0] ?? '')
  const problems = [
    ...(version === '' ? [`## ${heading} is no [version] - date`] : []),
    ...((version === 'Unreleased') === (date === null)
      ? []
      : [`## ${heading}: what is released has its day, and nothing else`]),
    ...kinds
      .filter(kind => !KINDS.includes(kind))
      .map(kind => `${version}: ### ${kind} is none of ${KINDS.join(', ')}`),
    ...kinds.filter((kind, index) => kinds.indexOf(kind) !== index).map(kind => `${version}: ### ${kind} stands twice`),
    ...groups.flatMap((group, index) =>
      /^- \S/m.test(group) ? [] : [`${version}: ### ${kinds[index]} lists nothing`],
    ),
  ]
  return { section: { version, date }, problems }
}

function isNewer(one: Section, other: Section): boolean {
  const [a, b] = [one, other].map(({ version }) => version.split('.').map(Number)) as [number[], number[]]
  const at = a.findIndex((part, index) => part !== b[index])
  return at !== -1 && (a[at] ?? 0) > (b[at] ?? 0) && (one.date ?? '') >= (other.date ?? '')
}
