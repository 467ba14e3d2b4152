import type { Span } from './value-span.ts'

/** Tools of Oracle: `user/password@database`. */
const LOGS_ON = /^(?:sqlplus|sqlcl|exp|imp|expdp|impdp|sqlldr|rman)$/
const LOGON = /^["']?(?:userid=)?["']?[\w.$#-]{1,64}\/(?=[^\s/@])/i
const FILE = /\.\w{1,8}$/

/** Where the password of a logon stands; null where the word is none. */
export function passwordOfLogon(word: string, programs: ReadonlySet<string>): Span | null {
  const from = LOGON.exec(word)?.[0].length
  if (from === undefined || ![...programs].some(program => LOGS_ON.test(program))) return null
  const to = word.lastIndexOf('@')
  if (to > from) return { from, to }
  return programs.has('sqlplus') && !FILE.test(word) ? { from, to: word.length } : null
}
