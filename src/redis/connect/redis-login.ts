import type { Redis } from 'ioredis'
import { SecretFile } from '../../config/secret-file.ts'
import type { Endpoint, RedisTarget } from './redis-target.ts'

/** Who logs in, beside the URL. The password may change while the process runs. */
export interface RedisLogin {
  readonly username: string | null
  readonly password: SecretFile | null
}

/** Throws when there are two logins, or the file has none. */
export function toLogin(
  { username = null, passwordFile = null }: Pick<RedisTarget, 'username' | 'passwordFile'>,
  inUrl: Pick<Endpoint, 'username' | 'password'>,
): RedisLogin {
  const twice =
    (passwordFile !== null && inUrl.password !== undefined) || (username !== null && inUrl.username !== undefined)
  if (twice) throw new Error('the Redis URL carries a login, and another one is set beside it')
  return { username, password: passwordFile === null ? null : new SecretFile(passwordFile) }
}

/** What the next connection logs in with. */
export function loginOptions({ username, password }: RedisLogin): Pick<Endpoint, 'username' | 'password'> {
  return {
    ...(username === null ? {} : { username }),
    ...(password === null ? {} : { password: password.reveal() }),
  }
}

/** Each new connection of this client logs in with what counts then. */
export function followLogin(redis: Redis, login: RedisLogin): Redis {
  if (login.password !== null) redis.on('close', () => Object.assign(redis.options, loginOptions(login)))
  return redis
}
