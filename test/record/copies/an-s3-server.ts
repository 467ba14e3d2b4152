import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AwsClient } from 'aws4fetch'
import { freePort } from '../../../local/process/ports.ts'
import { Supervisor } from '../../../local/process/supervisor.ts'
import { goTools } from '../../../local/toolchain/go-tools.ts'
import type { S3Place } from '../../../src/record/copies/s3-copies.ts'

export interface S3Server extends AsyncDisposable {
  /** A new bucket, with object lock or without. */
  bucket(name: string, lock: boolean): Promise<S3Place>
  /** Any request, as somebody with every right on the server; with its status. */
  ask(method: string, path: string, body?: string): Promise<number>
}

const [ACCESS, SECRET] = ['leasegate', 'a-secret-of-this-test']

/** A real server on loopback, with nothing in it. */
export async function startS3Server(): Promise<S3Server> {
  const folder = await mkdtemp(join(tmpdir(), 'leasegate-s3-'))
  for (const name of ['data', 'versions', 'attributes']) await mkdir(join(folder, name))
  const credentialsFile = join(folder, 'credentials')
  await writeFile(credentialsFile, `[default]\naws_access_key_id = ${ACCESS}\naws_secret_access_key = ${SECRET}\n`)
  const address = `127.0.0.1:${await freePort()}`
  const url = `http://${address}`
  const supervisor = new Supervisor()
  await supervisor.start({
    name: 's3',
    command: await program(),
    args: [address, folder],
    env: { S3_ACCESS: ACCESS, S3_SECRET: SECRET },
    logFile: join(folder, 's3.log'),
    isReady: async () => (await fetch(`${url}/healthz`).catch(() => null))?.ok ?? false,
  })
  const client = new AwsClient({
    accessKeyId: ACCESS,
    secretAccessKey: SECRET,
    service: 's3',
    region: 'us-east-1',
    retries: 0,
  })
  const ask = async (method: string, path: string, body?: string, headers = {}) => {
    const answer = await client.fetch(`${url}/${path}`, { method, headers, ...(body !== undefined && { body }) })
    await answer.text()
    return answer.status
  }
  return {
    ask,
    bucket: async (bucket, lock) => {
      await ask('PUT', bucket, undefined, lock ? { 'x-amz-bucket-object-lock-enabled': 'true' } : {})
      return { url, bucket, prefix: 'here/', region: 'us-east-1', credentialsFile, caFile: null }
    },
    [Symbol.asyncDispose]: async () => {
      await supervisor.stop()
      await rm(folder, { recursive: true })
    },
  }
}

/** With versions and object lock. Its version is that of its go.mod. */
async function program(): Promise<string> {
  const module = join(import.meta.dirname, 's3')
  const folder = await goTools({ name: 's3-1.8.0', module, programs: { s3: '.' }, report: line => console.log(line) })
  return join(folder, 's3')
}
