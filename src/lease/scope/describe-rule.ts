import { shownArgument, shownCommand } from '../../support/text/shown-text.ts'
import type { Rule } from '../lease.ts'

/** `may get,list pods in shop`, for people. */
export function describeRule({
  verbs,
  resources,
  nonResourceURLs,
  resourceNames,
  namespaces,
  commands,
  stdin,
  fields,
  metadataOnly,
  labelSelector,
  fieldSelector,
}: Rule): string {
  const where =
    resources.length === 0 ? '' : namespaces.length === 0 ? ' of the cluster' : ` in ${namespaces.join(',')}`
  const what = `${[...resources, ...nonResourceURLs].join(',')}`
  const named = resourceNames.length === 0 ? '' : ` ${resourceNames.map(shownArgument).join(',')}`
  const runs = commands.map(command => `, only ${shownCommand(command)}`).join('')
  const input = commands.length > 0 && stdin ? ', with any input' : ''
  const data = metadataOnly === true ? ', metadata alone' : ''
  const selected = [labelSelector, fieldSelector].filter(each => each !== undefined)
  const selects = selected.length === 0 ? '' : `, only selected by ${selected.map(shownArgument).join(' and ')}`
  const changes = fields.length === 0 ? '' : `, only ${fields.map(shownArgument).join(' ')}`
  return `may ${verbs.join(',')} ${what}${named}${where}${runs}${input}${changes}${data}${selects}`
}
