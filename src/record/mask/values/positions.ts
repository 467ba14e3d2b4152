import { MASK } from '../hidden.ts'
import { maskBehind } from './named-values.ts'

/** `user:password@tcp(host)/db`, as Go's drivers have it, and `jdbc:oracle:thin:user/password@host`. */
const LOGONS = [
  /\b([\w.-]{1,64}:)[^\s:@/'"`|;&$()]{1,256}(?=@(?:tcp|unix)\()/g,
  /\b(jdbc:oracle:\w{1,16}:[\w.$#-]{1,64}\/)[^\s@'"`|;&$]{1,256}(?=@)/g,
] as const
const MAY_LOG_ON = /@(?:tcp|unix)\(|jdbc:oracle:/

/** Somebody and their password, as arguments of a call. */
const CALLED = /auth[ \t]{0,4}=?[ \t]{0,4}\(|Password\(|_user\(|_superuser\(/
const TEXT = String.raw`\\{0,4}["'][^"'\n;|]{0,128}["'][ \t]{0,4},[ \t]{0,4}`
const CALLS = [
  new RegExp(String.raw`\b(?:auth[ \t]{0,4}=?|changeUserPassword|setUserPassword)[ \t]{0,4}\([ \t]{0,4}${TEXT}`, 'g'),
  new RegExp(String.raw`\bcreate_(?:super)?user[ \t]{0,4}\([ \t]{0,4}(?:${TEXT}){2}`, 'g'),
] as const

/** Tables of other servers, in ClickHouse: host, database, table and user come first, and before the secret of a bucket its key. */
const TABLES = /\b(?:remote(?:Secure)?|mysql|postgresql|mongodb|s3(?:Cluster)?)\(/
const ARGUMENT = String.raw`(?:[ \t]{0,4}(?:'[^'\n;|]{0,128}'|[\w.]{1,128})[ \t]{0,4},)`
const OF_TABLES = [
  new RegExp(String.raw`\b(?:remote(?:Secure)?|mysql|postgresql|mongodb)\(${ARGUMENT}{3,4}[ \t]{0,4}(?=')`, 'g'),
  new RegExp(
    String.raw`\bs3(?:Cluster)?\(${ARGUMENT}{1,2}[ \t]{0,4}'(?:\[masked\]|[A-Z0-9]{12,128})'[ \t]{0,4},[ \t]{0,4}(?=')`,
    'g',
  ),
] as const

/** ~/.pgpass: host, port, database and user come first. */
const PGPASS = /(?<![\w.*-])[\w.*-]{1,128}:(?:\d{1,5}|\*):[\w*.-]{1,64}:[\w*.-]{1,64}:/g

/**
 * Replaces credentials that are told by where they stand, after who they are of. What a call is given may be what runs, where `mayRun` says that
 * something in the text runs texts: a function may have any name.
 */
export function maskByPosition(text: string, mayRun: () => boolean): string {
  let masked = text
  if (MAY_LOG_ON.test(masked)) for (const logon of LOGONS) masked = masked.replace(logon, `$1${MASK}`)
  const [called, ofTables] = [CALLED.test(masked), TABLES.test(masked)]
  if ((called || ofTables) && !mayRun()) {
    if (called) for (const call of CALLS) masked = maskBehind(masked, call, true)
    if (ofTables) for (const table of OF_TABLES) masked = maskBehind(masked, table, true)
  }
  return /pgpass/i.test(masked) ? maskBehind(masked, PGPASS, false) : masked
}
