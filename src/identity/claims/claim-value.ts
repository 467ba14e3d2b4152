/**
 * Whether a claim says what a policy file, which has text alone, wants it to. Booleans and whole numbers count as JSON writes them; a number that is
 * read as another one than was sent counts as nothing.
 */
export function says(found: unknown, text: string): boolean {
  if (typeof found === 'boolean' || Number.isSafeInteger(found)) return String(found) === text
  return found === text
}

/** Whether a claim is a list that has this among others. */
export function contains(found: unknown, text: string): boolean {
  return Array.isArray(found) && found.some(one => says(one, text))
}
