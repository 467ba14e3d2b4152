import { readFileSync } from 'node:fs'

/** One Lua file, run as a whole on the server. Its header says what KEYS and ARGV are. */
export interface Script {
  readonly name: string
  readonly lua: string
  readonly keys: number
}

export const COMMIT = script('commit', 2, 'lease-state', 'questions', 'again', 'seconds', 'journal')
export const CREATE = script('create', 2, 'lease-state', 'holds-state', 'lease-lists', 'journal')
export const REVOKE = script('revoke', 2, 'lease-state', 'lease-lists', 'journal')
export const NARROW = script('narrow', 2, 'lease-state', 'journal')
export const STATES = script('states', 1, 'lease-state')
export const RECORDS = script('records', 1, 'lease-state')
export const HOLD = script('hold', 2, 'lease-state', 'holds-state', 'journal')
export const RELEASE = script('release', 2, 'lease-state', 'holds-state', 'journal')
export const HOLDS = script('holds', 1, 'lease-state', 'holds-state')
export const STOP = script('stop', 2, 'lease-state', 'journal')
export const STOPS = script('stops', 1)
export const END_STREAM = script('end-stream', 2, 'lease-state', 'journal')
export const WATCH = script('watch', 2, 'lease-state', 'journal')
export const LOOK = script('look', 2, 'lease-state', 'journal')
export const ASK_BATCH = script('ask-batch', 2, 'lease-state', 'questions', 'again', 'journal')
export const ANSWER = script('answer', 2, 'lease-state', 'journal')
export const WITHDRAW = script('withdraw', 2, 'lease-state', 'journal')
export const APPROVALS = script('approvals', 1, 'lease-state')
export const KEEP_PLAN = script('keep-plan', 1)
export const GIVE_BACK = script('give-back', 1, 'lease-state')
export const TAKE_SECONDS = script('take-seconds', 1, 'lease-state', 'seconds')
export const RETURN_SECONDS = script('return-seconds', 1, 'lease-state')
export const REFUSE = script('refuse', 1, 'journal', 'refusal-minutes')
export const CLOSE_MINUTES = script('close-minutes', 1, 'journal', 'refusal-minutes')
export const ACKNOWLEDGE = script('acknowledge', 1, 'journal')
export const SET_ASIDE = script('set-aside', 2, 'journal')
export const PUT_BACK = script('put-back', 2, 'journal')
export const LEAVE = script('leave', 1)

export const SCRIPTS = [
  COMMIT,
  CREATE,
  REVOKE,
  NARROW,
  STATES,
  RECORDS,
  HOLD,
  RELEASE,
  HOLDS,
  STOP,
  STOPS,
  END_STREAM,
  WATCH,
  LOOK,
  ASK_BATCH,
  ANSWER,
  WITHDRAW,
  APPROVALS,
  KEEP_PLAN,
  GIVE_BACK,
  TAKE_SECONDS,
  RETURN_SECONDS,
  REFUSE,
  CLOSE_MINUTES,
  ACKNOWLEDGE,
  SET_ASIDE,
  PUT_BACK,
  LEAVE,
] as const

/** The shared parts go behind the first line, which must stay first: `#!lua` and the flags. */
function script(name: string, keys: number, ...shared: readonly string[]): Script {
  const [shebang = '', ...body] = read(name).split('\n')
  return { name: `leasegate:${name}`, lua: [shebang, ...shared.map(read), ...body].join('\n'), keys }
}

function read(name: string): string {
  return readFileSync(new URL(`./lua/${name}.lua`, import.meta.url), 'utf8')
}
