import { html } from 'hono/html'
import type { Rule } from '../../../lease/lease.ts'
import type { TemplateRule } from '../../../policy/policy.ts'
import { code, type Html } from './text.ts'

/** One sentence a rule: `get, list pods, pods/log in shop`. */
export function ruleList(rules: readonly (Rule | TemplateRule)[]): Html {
  return html`<ul class="lines">${rules.map(rule => html`<li>${ruleLine(rule)}</li>`)}</ul>`
}

function ruleLine(rule: Rule | TemplateRule): Html {
  const { verbs, resources, nonResourceURLs, resourceNames, commands, fields, stdin, metadataOnly } = rule
  const what = resources.length === 0 ? nonResourceURLs : resources.map(resource => named(resource, rule.apiGroups))
  const limits = [
    ...(resourceNames.length === 0 ? [] : [html` named ${list(resourceNames)}`]),
    where(rule),
    ...(fields.length === 0 ? [] : [html`, only the fields ${list(fields)}`]),
    ...(commands.length === 0 ? [] : [html`, only the commands ${list(commands.map(command => command.join(' ')))}`]),
    ...(stdin ? [', with input'] : []),
    ...(metadataOnly === true ? [', metadata only'] : []),
    ...selectors(rule),
  ]
  return html`<strong>${verbs.map(verb => (verb === '*' ? 'anything' : verb)).join(', ')}</strong> ${list(what)}${limits}`
}

function selectors({ labelSelector, fieldSelector }: Rule | TemplateRule): readonly Html[] {
  return [labelSelector, fieldSelector].flatMap(one =>
    one === undefined ? [] : [html`, only selected by ${code(one)}`],
  )
}

/** The core group has no name, and a star for every group says nothing more. */
function named(resource: string, groups: readonly string[]): string {
  const [group = ''] = groups
  return groups.length !== 1 || group === '' || group === '*' ? resource : `${resource}.${group}`
}

function where(rule: Rule | TemplateRule): Html | '' {
  if ('scope' in rule) return rule.scope === 'cluster' ? html`, cluster-wide` : ''
  if (rule.namespaces.includes('*')) return html` in every namespace`
  return rule.namespaces.length === 0 ? html`, cluster-wide` : html` in ${list(rule.namespaces)}`
}

function list(words: readonly string[]): Html {
  return html`${words.map((word, index) => html`${index === 0 ? '' : ', '}${code(word)}`)}`
}
