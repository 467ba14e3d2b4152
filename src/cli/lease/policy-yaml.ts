import { Document, isMap, isSeq, visit } from 'yaml'
import type { TemplateRule } from '../../policy/policy.ts'
import type { Suggestion } from '../../policy/suggest/suggest-rules.ts'
import type { Use } from '../../policy/suggest/use.ts'

/** To be pasted into a policy file: one line a rule, and what is empty left out, as people write them. */
export function toPolicyYaml(suggestion: Suggestion, uses: readonly Use[], template: string | undefined): string {
  const requests = uses.reduce((sum, use) => sum + use.requests, 0)
  const unused = template === undefined ? '' : `; what nobody used: leasegate query unused-scope --template ${template}`
  return `# ${requests} requests, ${uses.length} kinds${unused}\n${toRulesYaml(suggestion)}`
}

export function toRulesYaml({ rules, namespaces, notes }: Suggestion): string {
  const document = new Document({ namespaces, rules: rules.map(asWritten) })
  visit(document, {
    Collection: (key, node) => {
      if (key === null || (isSeq(node) && node.items.some(isMap))) return
      node.flow = true
    },
  })
  return `${notes.map(line => `# ${line}\n`).join('')}${document.toString({ lineWidth: 0 })}`
}

function asWritten({ scope, ...rule }: TemplateRule): object {
  const said = Object.entries(rule).filter(
    ([, value]) => value !== false && !(Array.isArray(value) && value.length === 0),
  )
  return { ...(scope === 'cluster' && { scope }), ...Object.fromEntries(said) }
}
