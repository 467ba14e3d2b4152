import { type DestinationStream, type Logger as Pino, pino, stdSerializers } from 'pino'

export type Logger = Pick<Pino, 'debug' | 'info' | 'warn' | 'error'>

/** Wherever these names turn up in a logged object, down to the third level, the value does not. */
const SECRET = ['authorization', 'token', 'password', 'secret', 'cookie', 'body', 'd']
const PATHS = SECRET.flatMap(name => [name, `*.${name}`, `*.*.${name}`, `*.*.*.${name}`])

interface Logging {
  /** The process: authorizer, tap, broker. */
  readonly name: string
  readonly level: string
  readonly destination?: DestinationStream
}

/** JSON lines; errors with message and stack, which no client ever sees. */
export function createLogger({ name, level, destination }: Logging): Logger {
  const options = {
    name,
    level,
    redact: { paths: PATHS, censor: '[redacted]' },
    serializers: { err: (error: Error) => withoutUserInfo(stdSerializers.err(error)) },
  }
  return destination === undefined ? pino(options) : pino(options, destination)
}

/** Connection errors of stores and databases like to quote the URL they were given, password included. */
function withoutUserInfo(error: { message: string; stack: string }): object {
  const { type, code } = error as { type?: string; code?: unknown }
  return { type, code, message: hideUserInfo(error.message), stack: hideUserInfo(error.stack) }
}

function hideUserInfo(text: string): string {
  return text.replace(/(\w:\/\/)[^\s/@]*@/g, '$1[redacted]@')
}
