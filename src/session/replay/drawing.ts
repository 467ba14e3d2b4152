/** ECMA-48 and xterm's control sequences, https://invisible-island.net/xterm/ctlseqs/ctlseqs.html */

/** Modes that change how text is drawn. */
export const PRIVATE_DRAWN: ReadonlyMap<string, 'alternate' | 'other'> = new Map([
  ['7', 'other'],
  ['12', 'other'],
  ['25', 'other'],
  ['47', 'alternate'],
  ['1047', 'alternate'],
  ['1048', 'other'],
  ['1049', 'alternate'],
])

/** Each number of them is a place or a count. */
const NUMBER = String.raw`\d{0,5}`
const DRAWN: readonly RegExp[] = [
  // The cursor: moved, or put somewhere.
  new RegExp(`^${NUMBER}[ABCDEFGIZade\`]$`),
  new RegExp(`^${NUMBER}(?:;${NUMBER})?[Hf]$`),
  /^[su]$/,
  // Erased: not the lines that have scrolled away, which belong to who watches.
  /^[0-2]?[JK]$/,
  new RegExp(`^${NUMBER}[X@LMPST]$`),
  // A character again, as often as a screen is wide.
  /^\d{0,3}b$/,
  new RegExp(`^${NUMBER}(?:;${NUMBER})?r$`),
  // Colours.
  /^[\d;:]*m$/,
  /^4[hl]$/,
]

/** Whether a control sequence, without its introducer, draws and does nothing else. */
export function isDrawn(sequence: string): boolean {
  const [, mode] = /^\?(\d+)[hl]$/.exec(sequence) ?? []
  return mode === undefined ? DRAWN.some(drawn => drawn.test(sequence)) : PRIVATE_DRAWN.has(mode)
}
