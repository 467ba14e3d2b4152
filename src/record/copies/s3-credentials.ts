import { readFile } from 'node:fs/promises'
import { ok, type Parsed, problem } from '../../support/text/parsed.ts'

export interface S3Credentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  /** Of credentials that end by themselves. */
  readonly sessionToken: string | null
}

/** The profile `default` of a credentials file of AWS, which others read too. The message repeats nothing of what is in it. */
export function parseCredentials(text: string): Parsed<S3Credentials> {
  const found = new Map<string, string>()
  let section = 'default'
  for (const line of text.split(/\r?\n/)) {
    const header = /^\s*\[(?<name>[^\]]*)\]/.exec(line)?.groups?.['name']
    if (header !== undefined) section = header.trim()
    const { key = '', value = '' } = /^\s*(?<key>\w+)\s*=\s*(?<value>\S+)\s*$/.exec(line)?.groups ?? {}
    if (section === 'default' && key !== '') found.set(key.toLowerCase(), value)
  }
  const accessKeyId = found.get('aws_access_key_id')
  const secretAccessKey = found.get('aws_secret_access_key')
  if (accessKeyId === undefined || secretAccessKey === undefined) {
    return problem('has no profile [default] with aws_access_key_id and aws_secret_access_key')
  }
  return ok({ accessKeyId, secretAccessKey, sessionToken: found.get('aws_session_token') ?? null })
}

/** As they are now: whoever changes them swaps the file. */
export async function readCredentials(file: string): Promise<S3Credentials> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new Error(`${file} cannot be read (${error.code ?? 'unknown error'})`)
  })
  const parsed = parseCredentials(text)
  if (parsed.kind === 'problem') throw new Error(`${file} ${parsed.message}`)
  return parsed.value
}
