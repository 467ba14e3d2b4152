import { type Command, Option } from 'commander'
import { SUBJECT_KINDS, type Subject } from '../../lease/stop/subject.ts'
import { CliError } from '../command/cli-error.ts'

const NAMED = SUBJECT_KINDS.filter(kind => kind !== 'all' && kind !== 'lease')

/** Options that say which leases are meant; exactly one of them is wanted. */
export type Which = { readonly [kind in (typeof NAMED)[number]]?: string } & {
  readonly all?: true
  readonly gone?: true
}

const WORDS = {
  task: 'those that were asked for under this task',
  template: 'those of this task template',
  agent: 'those of this agent',
  sponsor: 'those given on behalf of this sponsor',
  issuer:
    'those of agents that came with identities of this issuer or authority, by its name in the policy file, and those given by consents of it',
} as const satisfies Record<(typeof NAMED)[number], string>

export function addWhich(command: Command): Command {
  for (const kind of NAMED) command.addOption(new Option(`--${kind} <name>`, WORDS[kind]))
  return command
    .addOption(new Option('--all', 'every lease there is'))
    .addOption(new Option('--gone', 'also of a name that is not in the policy file, or no longer'))
}

/** What was named, of an id and these options; null when nothing was. Throws when there are several. */
export function subjectOf(id: string | undefined, which: Which): Subject | null {
  const subjects: Subject[] = [
    ...(id === undefined ? [] : [{ kind: 'lease', name: id } as const]),
    ...(which.all === true ? [{ kind: 'all', name: '' } as const] : []),
    ...NAMED.flatMap(kind => (which[kind] === undefined ? [] : [{ kind, name: named(kind, which[kind]) }])),
  ]
  if (subjects.length > 1) throw new CliError('usage', 'name one: a lease, or one of --task, --template and so on')
  return subjects[0] ?? null
}

export function wantedSubject(id: string | undefined, which: Which): Subject {
  const subject = subjectOf(id, which)
  if (subject === null) throw new CliError('usage', 'say which leases: --all, --agent NAME, --template NAME and so on')
  return subject
}

function named(kind: string, name: string): string {
  if (name.trim() === '') throw new CliError('usage', `--${kind} wants a name`)
  return name.trim()
}
