import { hash } from 'node:crypto'
import { readFileSync } from 'node:fs'

/** One Lua file, run as a whole on the server. Its header says what KEYS and ARGV are. */
export interface Script {
  readonly name: string
  readonly lua: string
  /** By which the server knows it. */
  readonly sha: string
}

export const COMMIT = script('commit', 'lease-state', 'questions', 'again', 'seconds', 'journal')
export const CREATE = script('create', 'lease-state', 'holds-state', 'lease-lists', 'journal')
export const REVOKE = script('revoke', 'lease-state', 'lease-lists', 'journal')
export const NARROW = script('narrow', 'lease-state', 'journal')
export const STATES = script('states', 'lease-state')
export const RECORDS = script('records', 'lease-state')
export const HOLD = script('hold', 'lease-state', 'holds-state', 'journal')
export const RELEASE = script('release', 'lease-state', 'holds-state', 'journal')
export const HOLDS = script('holds', 'lease-state', 'holds-state')
export const STOP = script('stop', 'lease-state', 'journal')
export const STOPS = script('stops')
export const END_STREAM = script('end-stream', 'lease-state', 'journal')
export const WATCH = script('watch', 'lease-state', 'journal')
export const LOOK = script('look', 'lease-state', 'journal')
export const ASK_BATCH = script('ask-batch', 'lease-state', 'questions', 'again', 'journal')
export const ANSWER = script('answer', 'lease-state', 'journal')
export const WITHDRAW = script('withdraw', 'lease-state', 'journal')
export const APPROVALS = script('approvals', 'lease-state')
export const KEEP_PLAN = script('keep-plan')
export const GIVE_BACK = script('give-back', 'lease-state')
export const TAKE_SECONDS = script('take-seconds', 'lease-state', 'seconds')
export const RETURN_SECONDS = script('return-seconds', 'lease-state')
export const REFUSE = script('refuse', 'journal', 'refusal-minutes')
export const CLOSE_MINUTES = script('close-minutes', 'journal', 'refusal-minutes')
export const ACKNOWLEDGE = script('acknowledge', 'journal')
export const SET_ASIDE = script('set-aside', 'journal')
export const PUT_BACK = script('put-back', 'journal')
export const LEAVE = script('leave')

/** The shared parts go behind the first line, which must stay first: `#!lua` and the flags. */
function script(name: string, ...shared: readonly string[]): Script {
  const [shebang = '', ...body] = read(name).split('\n')
  const lua = [shebang, ...shared.map(read), ...body].join('\n')
  return { name: `leasegate:${name}`, lua, sha: hash('sha1', lua) }
}

function read(name: string): string {
  return readFileSync(new URL(`./lua/${name}.lua`, import.meta.url), 'utf8')
}
