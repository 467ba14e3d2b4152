import { ApiException } from '@kubernetes/client-node'
import { ClusterError } from './cluster-error.ts'

const PAGE = 500

interface Page {
  readonly limit: number
  readonly _continue?: string
}

interface List<T> {
  readonly items: readonly T[]
  readonly metadata?: { readonly _continue?: string }
}

/** Every object of a list, page by page. */
export async function all<T>(what: string, list: (page: Page) => Promise<List<T>>): Promise<readonly T[]> {
  const items: T[] = []
  let next: string | undefined
  do {
    const page = { limit: PAGE, ...(next === undefined ? {} : { _continue: next }) }
    const found = await asked(what, () => list(page))
    items.push(...found.items)
    next = found.metadata?._continue
  } while (next !== undefined && next !== '')
  return items
}

/** The answer, or a ClusterError: what the library says of a failed call is long, and holds headers. */
export async function asked<T>(what: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (error) {
    throw toClusterError(what, error)
  }
}

/** What stands for an answer that the API server does not have. */
export async function orNone<T, N>(answer: Promise<T>, none: N): Promise<T | N> {
  return answer.catch(error => {
    if (error instanceof ClusterError && error.status === 404) return none
    throw error
  })
}

function toClusterError(what: string, error: unknown): ClusterError {
  if (error instanceof ApiException) {
    const code = error.code === 401 || error.code === 403 ? 'forbidden' : 'failed'
    return new ClusterError(code, `${what}: the API server answered with status ${error.code}`, error, error.code)
  }
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : ''
  const why = error instanceof Error ? error.message : 'failed'
  return new ClusterError('failed', `${what}: the API server cannot be reached (${cause === '' ? why : cause})`, error)
}
