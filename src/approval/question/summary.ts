import { MOST_OF_SERIES } from '../../lease/questions/series.ts'
import type { ApiRequest } from '../../request/api-request.ts'
import { firstValue, isTrue, parseQuery, type Query } from '../../request/query.ts'
import { shown, shownCommand, shownName } from '../../support/text/shown-text.ts'
import { seriesOf } from '../canonical/series.ts'

/** `delete namespaces "shop"`, `create pods/exec "web-0" in shop, container app, stdin: sh -c 'ls'`. A dry run says so first. */
export function summarise(request: ApiRequest): string {
  const { info, inNamespace, method, path, stream } = request
  if (!info.isResourceRequest) return shownName(`${method} ${path}`)
  const group = info.apiGroup === '' ? '' : `.${info.apiGroup}`
  const resource = `${info.resource}${group}${info.subresource === '' ? '' : `/${info.subresource}`}`
  const name = info.name === '' ? '' : ` "${info.name}"`
  const where = inNamespace ? ` in ${info.namespace}` : ''
  const what = shownName(`${info.verb} ${resource}${name}${where}`)
  const command = stream === null || stream.command.length === 0 ? '' : `: ${shownCommand(stream.command)}`
  const how = [...optionsOf(request), ...streamsOf(request), ...seriesText(request)].map(part => `, ${part}`).join('')
  return `${request.options.dryRun ? 'DRY RUN, changes nothing: ' : ''}${what}${how}${command}`
}

/** What else decides which objects are met, and how. */
function optionsOf({ info, query, options }: ApiRequest): readonly string[] {
  const { fieldSelector, labelSelector } = info
  const parts = [
    [fieldSelector, `fields ${shown(fieldSelector)}`],
    [labelSelector, `labels ${shown(labelSelector)}`],
    [options.propagationPolicy, `propagation ${shown(options.propagationPolicy)}`],
    [options.force, 'force'],
    [options.gracePeriodSeconds !== null, `grace ${options.gracePeriodSeconds} s`],
  ] as const
  const asked = parseQuery(query)
  const log = asked.kind === 'query' && info.subresource === 'log' ? logOptions(asked.query) : []
  return [...parts.flatMap(([there, text]) => (there ? [text] : [])), ...log]
}

function logOptions(query: Query): readonly string[] {
  const container = firstValue(query, 'container') ?? ''
  const said = container === '' ? [] : [`container ${shown(container)}`]
  return [...said, ...['follow', 'previous'].filter(flag => isTrue(query, flag))]
}

/** Of one yes for several requests it is said for how many. */
function seriesText(request: ApiRequest): readonly string[] {
  const series = seriesOf(request)
  if (series === null) return []
  return [
    series.kind === 'pages'
      ? `with the pages that follow, ${MOST_OF_SERIES} at most`
      : `tried again while a disruption budget forbids it, ${MOST_OF_SERIES} times at most`,
  ]
}

/** What goes over stdin, and which port, is decided after the yes. */
function streamsOf({ stream, ports }: ApiRequest): readonly string[] {
  if (ports !== null) return ['any port of the pod']
  if (stream === null) return []
  return [
    ...(stream.container === '' ? [] : [`container ${shown(stream.container)}`]),
    ...(stream.stdin ? ['stdin (what is typed is not bound by a yes)'] : []),
    ...(stream.tty ? ['tty'] : []),
  ]
}
