import type { Certificate } from './certificate.ts'

const CLIENT = '1.3.6.1.5.5.7.3.2'
const ANY = '2.5.29.37.0'
/** Authorities between a certificate and its root; nobody has so many. */
const MOST_BETWEEN = 4
export const LONGEST_CHAIN = 1 + MOST_BETWEEN
export const TOO_LONG = 'there are too many between it and its root'

/**
 * Why nobody of these roots vouches for the first certificate as that of a client (RFC 5280, 6.1); null where one does. The others of the
 * chain are helpers, in any order. What is not understood here, such as constraints on names, vouches for nobody.
 */
export function problemOfChain(
  [leaf, ...between]: readonly Certificate[],
  roots: readonly Certificate[],
  now: number,
): string | null {
  if (leaf === undefined) return 'it cannot be read'
  if (between.length > MOST_BETWEEN) return TOO_LONG
  const own = problemOfLeaf(leaf, now)
  if (own !== null) return own
  const way: Way = { roots, now, seen: [] }
  return leadsToRoot(leaf, between, 0, way) ? null : (way.seen[0] ?? 'its authority is not one that is believed')
}

interface Way {
  readonly roots: readonly Certificate[]
  readonly now: number
  /** Why those that signed do not count. */
  readonly seen: string[]
}

function leadsToRoot(below: Certificate, between: readonly Certificate[], depth: number, way: Way): boolean {
  if (way.roots.some(root => signed(root, below) && vouches(root, depth, way))) return true
  return between.some(
    (one, at) =>
      signed(one, below) && vouches(one, depth, way) && leadsToRoot(one, between.toSpliced(at, 1), depth + 1, way),
  )
}

function signed(above: Certificate, { openssl }: Certificate): boolean {
  return openssl.checkIssued(above.openssl) && openssl.verify(above.openssl.publicKey)
}

/** `depth`: how many authorities stand below it. */
function vouches(above: Certificate, depth: number, { now, seen }: Way): boolean {
  const problem =
    inTime(above, now, 'its authority') ??
    (above.isAuthority && above.mayVouch ? null : 'who signed it is no authority') ??
    (above.pathLength !== null && above.pathLength < depth ? 'its authority may have none below it' : null) ??
    unread(above, 'its authority') ??
    (above.isWeak ? 'its authority has a key or signature that is not believed any more' : null) ??
    (isFor(above, [CLIENT, ANY]) ? null : 'its authority is not for clients')
  if (problem !== null) seen.push(problem)
  return problem === null
}

function problemOfLeaf(leaf: Certificate, now: number): string | null {
  if (leaf.isAuthority) return 'it is that of an authority'
  if (leaf.isWeak) return 'its key or signature is of a kind that is not believed any more'
  if (!leaf.maySign || !isFor(leaf, [CLIENT])) return 'it is not for clients'
  return inTime(leaf, now, 'it') ?? unread(leaf, 'it')
}

function isFor({ extendedUsages }: Certificate, wanted: readonly string[]): boolean {
  return extendedUsages === null || extendedUsages.some(usage => wanted.includes(usage))
}

function inTime({ openssl }: Certificate, now: number, what: string): string | null {
  if (now < openssl.validFromDate.getTime()) return `${what} is not valid yet`
  return now > openssl.validToDate.getTime() ? `${what} has expired` : null
}

function unread({ unread: [first] }: Certificate, what: string): string | null {
  return first === undefined ? null : `${what} has an extension that is not understood here (${first})`
}
