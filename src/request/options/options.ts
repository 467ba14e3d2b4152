import type { ApiRequest, Options } from '../api-request.ts'
import { firstValue, isTrue, type Query } from '../query.ts'
import { readDeleteOptions } from './delete-options.ts'
import { isDelete } from './said-twice.ts'

const NONE: Options = { dryRun: false, propagationPolicy: '', force: false, gracePeriodSeconds: null, fieldManager: '' }

type Asked = Pick<ApiRequest, 'info' | 'contentType'>

/** Of a delete the body counts, where there is one: the API server does not look at the query then. */
export function readOptions({ info, contentType }: Asked, query: Query, body: Uint8Array): Options {
  return isDelete(info) && body.length > 0 ? inBody(contentType, body) : inQuery(query)
}

function inQuery(query: Query): Options {
  const orphans = query.has('orphanDependents') && isTrue(query, 'orphanDependents')
  return {
    dryRun: firstValue(query, 'dryRun') === 'All',
    propagationPolicy: firstValue(query, 'propagationPolicy') ?? (orphans ? 'Orphan' : ''),
    force: isTrue(query, 'force'),
    gracePeriodSeconds: toSeconds(firstValue(query, 'gracePeriodSeconds')),
    fieldManager: firstValue(query, 'fieldManager') ?? '',
  }
}

/** What cannot be read says nothing. */
function inBody(contentType: string, body: Uint8Array): Options {
  const said = readDeleteOptions(contentType, body)
  if (said === null) return NONE
  return {
    ...NONE,
    dryRun: said.dryRun,
    propagationPolicy: said.propagationPolicy ?? (said.orphanDependents === true ? 'Orphan' : ''),
    gracePeriodSeconds: said.gracePeriodSeconds,
  }
}

function toSeconds(value: string | undefined): number | null {
  return value !== undefined && /^-?\d{1,15}$/.test(value) ? Number(value) : null
}
