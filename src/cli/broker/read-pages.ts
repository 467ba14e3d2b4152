import { CliError } from '../command/cli-error.ts'

interface Part<T> {
  readonly items: readonly T[]
  readonly next: string | null
  readonly missing?: readonly string[] | undefined
}

/** What is shown of a list; who wants to see more asks for one of them by its id. */
const SHOWN = 500
const PAGE = 100

/** A list of the broker, page by page; says so when it is longer than what is shown. */
export async function readPages<T>(
  read: (query: string) => Promise<Part<T>>,
  note: (text: string) => void = () => undefined,
): Promise<readonly T[]> {
  return (await pagesOf(read, '', note)).items
}

/** The same where a part of it is better than nothing: for who only looks, and says by `mustBeWhole` what is missing once he has shown the rest. */
export function readWhatIsThere<T>(
  read: (query: string) => Promise<Part<T>>,
  note: (text: string) => void,
): Promise<{ readonly items: readonly T[]; readonly missing: readonly string[] }> {
  return pagesOf(read, '&partial=yes', note)
}

/** Throws where something is missing. */
export function mustBeWhole(missing: readonly string[]): void {
  if (missing.length === 0) return
  const which = `${missing.length === 1 ? 'part' : 'parts'} ${missing.join(', ')}`
  throw new CliError(
    'unavailable',
    `this is not all: ${which} of the store ${missing.length === 1 ? 'does' : 'do'} not answer; try again for the rest`,
  )
}

async function pagesOf<T>(read: (query: string) => Promise<Part<T>>, more: string, note: (text: string) => void) {
  const all: T[] = []
  const missing = new Set<string>()
  let next: string | null = ''
  while (next !== null && all.length < SHOWN) {
    const after: string = next === '' ? '' : `&after=${encodeURIComponent(next)}`
    const part: Part<T> = await read(`?limit=${PAGE}${after}${more}`)
    all.push(...part.items)
    for (const one of part.missing ?? []) missing.add(one)
    next = part.next
  }
  if (next !== null) note(`leasegate: these are the oldest ${all.length}, there are more\n`)
  return { items: all, missing: [...missing].toSorted() } as const
}
