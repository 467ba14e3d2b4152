/**
 * What a terminal obeys or shows as nothing: controls, direction marks, fillers, blanks that are none, half characters, characters
 * that no font has. They could show an approver another text than the one that runs.
 */
const DECEPTIVE = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]|(?! )\p{Zs}/gu

/** Where names are ASCII by right, letters of other scripts that look like it. */
const FOREIGN = /[^\x20-\x7e]/gu

/** The text with everything in sight: `\u{202e}` for what would not be. A backslash before such braces is doubled. */
export function shown(text: string): string {
  return text.replace(/\\(?=u\{)/g, '\\\\').replace(DECEPTIVE, escaped)
}

/** The same for names, where letters of other scripts serve only to look like another name. */
export function shownName(name: string): string {
  return shown(name).replace(FOREIGN, escaped)
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
