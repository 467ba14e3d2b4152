/** One argument for a POSIX shell: a mend is meant to be pasted, and names in a cluster are other people's. */
export function shellQuote(argument: string): string {
  return /^[\w@%+=:,./-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", `'\\''`)}'`
}
