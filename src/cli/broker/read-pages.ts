interface Part<T> {
  readonly items: readonly T[]
  readonly next: string | null
}

/** What is shown of a list; who wants to see more asks for one of them by its id. */
const SHOWN = 500
const PAGE = 100

/** A list of the broker, page by page; says so when it is longer than what is shown. */
export async function readPages<T>(
  read: (query: string) => Promise<Part<T>>,
  note: (text: string) => void = () => undefined,
): Promise<readonly T[]> {
  const all: T[] = []
  let next: string | null = ''
  while (next !== null && all.length < SHOWN) {
    const part: Part<T> = await read(`?limit=${PAGE}${next === '' ? '' : `&after=${encodeURIComponent(next)}`}`)
    all.push(...part.items)
    next = part.next
  }
  if (next !== null) note(`leasegate: these are the oldest ${all.length}, there are more\n`)
  return all
}
