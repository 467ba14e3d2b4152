/** Stands in the place of what is not kept. */
export const MASK = '[masked]'

/** How many characters of `text` are not in `masked`, which was made from it. 0: nothing was masked. */
export function hiddenIn(text: string, masked: string): number {
  if (text === masked) return 0
  const marks = count(masked) - count(text)
  // One that is shorter than its mask was masked as well.
  return marks === 0 ? 0 : Math.max(marks, text.length - masked.length + marks * MASK.length)
}

function count(text: string): number {
  return text.split(MASK).length - 1
}
