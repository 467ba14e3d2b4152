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
  fields,
}: Rule): string {
  const where =
    resources.length === 0 ? '' : namespaces.length === 0 ? ' of the cluster' : ` in ${namespaces.join(',')}`
  const what = `${[...resources, ...nonResourceURLs].join(',')}`
  const named = resourceNames.length === 0 ? '' : ` ${resourceNames.map(shownArgument).join(',')}`
  const runs = commands.map(command => `, only ${shownCommand(command)}`).join('')
  const changes = fields.length === 0 ? '' : `, only ${fields.map(shownArgument).join(' ')}`
  return `may ${verbs.join(',')} ${what}${named}${where}${runs}${changes}`
}
