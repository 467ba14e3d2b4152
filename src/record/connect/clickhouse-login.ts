import type { ClickHouseClient } from '@clickhouse/client'
import { SecretFile } from '../../config/secret-file.ts'
import { RecordError } from '../record-sink.ts'

/** Files that say who we are at a ClickHouse server; null where the URL says it, or nobody has to. */
export interface ClickHouseLogin {
  readonly userFile: string | null
  readonly passwordFile: string | null
}

const CALLS: ReadonlySet<PropertyKey> = new Set(['query', 'command', 'exec', 'insert'])

/** The same client, but each call logs in with what the files say then. Throws a RecordError when they say nothing, or the URL says something too. */
export function withLogin(client: ClickHouseClient, url: string, login: ClickHouseLogin | undefined): ClickHouseClient {
  const { userFile = null, passwordFile = null } = login ?? {}
  if (userFile === null && passwordFile === null) return client
  if (carriesLogin(url)) throw wrong('the ClickHouse URL carries a login, and another one is set beside it')
  const [user, password] = [opened(userFile), opened(passwordFile)]
  const auth = () => ({ username: user?.reveal() ?? 'default', password: password?.reveal() ?? '' })
  return new Proxy(client, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name, target)
      if (typeof value !== 'function') return value
      if (!CALLS.has(name)) return value.bind(target)
      return (params: object) => value.call(target, { ...params, auth: auth() })
    },
  })
}

function carriesLogin(text: string): boolean {
  const { username, password } = new URL(text)
  return username !== '' || password !== ''
}

function opened(file: string | null): SecretFile | null {
  try {
    return file === null ? null : new SecretFile(file)
  } catch (error) {
    throw wrong(error instanceof Error ? error.message : String(error))
  }
}

function wrong(message: string): RecordError {
  return new RecordError('not-configured', message)
}
