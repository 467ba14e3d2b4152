import { hash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { AwsV4Signer } from 'aws4fetch'
import { type HttpAnswer, httpCall, whyUnreachable } from '../../support/net/http-call.ts'
import { readCredentials } from './s3-credentials.ts'

export interface S3Bucket {
  /** Of the server; the bucket stands in the path. */
  readonly url: string
  readonly bucket: string
  readonly region: string
  /** Credentials in the form of AWS, read at each use. */
  readonly credentialsFile: string
  readonly caFile: string | null
}

export interface S3Call {
  readonly method: 'GET' | 'PUT'
  /** Key of an object, '' for the bucket itself. */
  readonly key: string
  readonly query?: Readonly<Record<string, string>>
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** What the server said no with; never what was sent. */
export class S3Error extends Error {
  override readonly name = 'S3Error'
}

const WITHIN_MS = 10_000
/** A thousand names of objects are some 600 KB. */
const MAX_BYTES = 4 << 20

/** One signed request. Rejects with an S3Error unless the server did what was asked. */
export async function callS3(at: S3Bucket, { method, key, query = {}, headers = {}, body = '' }: S3Call) {
  const credentials = await readCredentials(at.credentialsFile)
  const url = new URL(at.url)
  url.pathname = [url.pathname.replace(/\/$/, ''), at.bucket, ...(key === '' ? [] : [key])].join('/')
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value)
  const signed = await new AwsV4Signer({
    method,
    url: url.href,
    headers: { ...headers, 'x-amz-content-sha256': hash('sha256', body) },
    body,
    accessKeyId: credentials.accessKeyId,
    secretAccessKey: credentials.secretAccessKey,
    ...(credentials.sessionToken !== null && { sessionToken: credentials.sessionToken }),
    service: 's3',
    region: at.region,
  }).sign()
  const answer = await httpCall({
    method,
    url: signed.url.href,
    headers: Object.fromEntries(signed.headers),
    body,
    ca: at.caFile === null ? null : await readFile(at.caFile, 'utf8'),
    withinMs: WITHIN_MS,
    maxBytes: MAX_BYTES,
  }).catch(error => {
    throw new S3Error(`${url.host}: ${whyUnreachable(error)}`, { cause: error })
  })
  if (answer.status < 200 || answer.status > 299) throw new S3Error(`${url.host} said ${why(answer)}`)
  return answer
}

function why({ status, text }: HttpAnswer): string {
  const code = /<Code>(?<code>\w{1,60})<\/Code>/.exec(text)?.groups?.['code']
  return code === undefined ? String(status) : `${status} ${code}`
}
