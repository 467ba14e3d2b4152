import { z } from 'zod'
import type { Line } from '../../document.ts'
import { list } from '../words.ts'

const texts = z.array(z.string()).default([])
const SCOPE = z.array(
  z.object({
    verbs: texts,
    apiGroups: texts,
    resources: texts,
    resourceNames: texts,
    namespaces: texts,
    nonResourceURLs: texts,
    commands: z.array(texts).default([]),
    fields: texts,
    metadataOnly: z.boolean().default(false),
    labelSelector: z.string().optional(),
    fieldSelector: z.string().optional(),
  }),
)

type Rule = z.infer<typeof SCOPE>[number]

/** One line a rule of a lease, from the JSON that the record has; none where it cannot be read. */
export function scopeLines(json: string): readonly Line[] {
  try {
    return SCOPE.parse(JSON.parse(json)).map(ruleLine)
  } catch {
    return []
  }
}

function ruleLine(rule: Rule): Line {
  const { verbs, resources, resourceNames, namespaces, nonResourceURLs, commands, fields, metadataOnly } = rule
  const what = resources.length === 0 ? nonResourceURLs : resources.map(resource => inGroup(resource, rule.apiGroups))
  return [
    ...list(verbs.map(verb => (verb === '*' ? 'anything' : verb))),
    ': ',
    ...list(what),
    ...limit(', named ', resourceNames),
    ...limit(', in ', namespaces),
    ...limit(', only the fields ', fields),
    ...(metadataOnly ? [', metadata only'] : []),
    ...limit(
      ', only selected by ',
      [rule.labelSelector, rule.fieldSelector].flatMap(one => one ?? []),
    ),
    ...limit(
      ', only the commands ',
      commands.map(command => command.join(' ')),
    ),
  ]
}

/** The core group has no name, and a star for every group says nothing more. */
function inGroup(resource: string, groups: readonly string[]): string {
  const [group = ''] = groups
  return groups.length !== 1 || group === '' || group === '*' ? resource : `${resource}.${group}`
}

function limit(word: string, texts: readonly string[]): Line {
  return texts.length === 0 ? [] : [word, ...list(texts)]
}
