import type { Document, LineCounter } from 'yaml'
import type { z } from 'zod'
import { locate, type Path, type Problem } from './positions.ts'

const IN_YAML: Readonly<Record<string, string>> = {
  array: 'a list',
  object: 'a mapping',
  record: 'a mapping',
  int: 'a whole number',
}

type Issue = z.core.$ZodIssue

/** zod's issues (with `reportInput`) as sentences with their place in the file; one for each unknown key. */
export function explainIssues(issues: readonly Issue[], document: Document, counter: LineCounter): readonly Problem[] {
  return issues.flatMap(issue => {
    if (issue.code === 'unrecognized_keys') return unknownKeys(issue, document, counter)
    const place = locate(document, counter, issue.path)
    return [{ ...place, message: `${placeName(issue.path)} ${explain(issue)}` }]
  })
}

function unknownKeys(
  issue: Extract<Issue, { code: 'unrecognized_keys' }>,
  document: Document,
  counter: LineCounter,
): readonly Problem[] {
  const messages = issue.message.split('\n')
  const where = issue.path.length === 0 ? 'the file' : placeName(issue.path)
  return issue.keys.map((key, index) => ({
    ...locate(document, counter, issue.path, key),
    message: `${where} ${messages[index] ?? `has an unknown key "${key}"`}`,
  }))
}

function explain(issue: Issue): string {
  if (issue.code === 'invalid_key') return issue.issues[0]?.message ?? issue.message
  if (issue.code !== 'invalid_type') return issue.message
  if (issue.input === undefined) return 'is missing'
  // YAML reads 0123, 1e3 and yes as it likes, so what was written is not known any more.
  if (issue.expected === 'string' && ['number', 'boolean'].includes(typeof issue.input)) {
    return `must be a string: write it in quotes, such as "${String(issue.input)}"`
  }
  return `must be ${IN_YAML[issue.expected] ?? `a ${issue.expected}`}`
}

/** `templates[0].rules[1].verbs`; `the file` for all of it. */
export function placeName(path: Path): string {
  if (path.length === 0) return 'the file'
  return path
    .map((part, index) => (typeof part === 'number' ? `[${part}]` : `${index === 0 ? '' : '.'}${String(part)}`))
    .join('')
}
