import { readFileSync } from 'node:fs'

/** One Lua file, run as a whole on the server. Its header says what KEYS and ARGV are. */
export interface Script {
  readonly name: string
  readonly lua: string
  readonly keys: number
}

export const COMMIT = script('commit', 2, 'lease-state')
export const CREATE = script('create', 2, 'lease-state')
export const REVOKE = script('revoke', 2, 'lease-state')
export const STATES = script('states', 1, 'lease-state')
export const ANSWER = script('answer', 2, 'lease-state')
export const REFUSE = script('refuse', 1, 'refusal-minutes')
export const CLOSE_MINUTES = script('close-minutes', 1, 'refusal-minutes')
export const SET_ASIDE = script('set-aside', 2)
export const PUT_BACK = script('put-back', 2)
export const LEAVE = script('leave', 1)

export const SCRIPTS = [
  COMMIT,
  CREATE,
  REVOKE,
  STATES,
  ANSWER,
  REFUSE,
  CLOSE_MINUTES,
  SET_ASIDE,
  PUT_BACK,
  LEAVE,
] as const

/** The shared part goes behind the first line, which must stay first: `#!lua` and the flags. */
function script(name: string, keys: number, shared?: string): Script {
  const [shebang = '', ...body] = read(name).split('\n')
  const lua = [shebang, shared === undefined ? '' : read(shared), ...body].join('\n')
  return { name: `leasegate:${name}`, lua, keys }
}

function read(name: string): string {
  return readFileSync(new URL(`./lua/${name}.lua`, import.meta.url), 'utf8')
}
