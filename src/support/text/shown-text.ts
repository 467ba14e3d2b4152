import { inSight } from './look-alikes.ts'

/**
 * What a terminal obeys or shows as nothing: controls, direction marks, fillers, blanks that are none, half characters, characters
 * that no font has; and the wide and ornate forms of ASCII. They could show an approver another text than the one that runs.
 */
const DECEPTIVE =
  /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800\uff01-\uff5e\u{1d400}-\u{1d7ff}]|(?! )\p{Zs}/gu

const WORD = /[\p{L}\p{M}\p{N}]+/gu

/** Where names are ASCII by right, letters of other scripts that look like it. */
const FOREIGN = /[^\x20-\x7e]/gu

/** So many push what comes behind them out of sight. */
const BLANKS = / {20,}/g

/** `\u{202e}` as `shown` writes it. */
const ESCAPE = /(?<!\\)\\u\{[0-9a-f]{1,6}\}/g

/**
 * The text with everything in sight: `\u{202e}` for what would not be, and for letters that pass for others. A backslash
 * before such braces is doubled.
 */
export function shown(text: string): string {
  return text
    .replace(/\\(?=u\{)/g, '\\\\')
    .replace(DECEPTIVE, escaped)
    .replace(BLANKS, blanks => `\\u{20}×${blanks.length}`)
    .replace(WORD, word => inSight(word, escaped))
}

/** The same for names, where letters of other scripts serve only to look like another name. */
export function shownName(name: string): string {
  return shown(name).replace(FOREIGN, escaped)
}

/** As `shown` writes the tags of Unicode, with which text is hidden in text, and little else is written (the flags of three countries). */
const TAG = /(?<!\\)\\u\{e00[0-7][0-9a-f]\}/g

/** How many of them are tags: what somebody hid, whatever it says. */
export function countTags(texts: readonly string[]): number {
  return texts.reduce((sum, text) => sum + (text.match(TAG)?.length ?? 0), 0)
}

/** How many characters of these texts are written as escapes. */
export function countEscapes(texts: readonly string[]): number {
  return texts.reduce((sum, text) => sum + (text.match(ESCAPE)?.length ?? 0), 0)
}

/** As a shell takes it. */
export function shownArgument(argument: string): string {
  return /^[\w@%+=:,./-]+$/.test(argument) ? argument : `'${shown(argument.replaceAll("'", `'\\''`))}'`
}

export function shownCommand(command: readonly string[]): string {
  return command.map(shownArgument).join(' ')
}

function escaped(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`
}
