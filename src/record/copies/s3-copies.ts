import { hash } from 'node:crypto'
import { type Copy, type CopyReader, type CopyTaker, nameOf, parseCopyName } from './copy.ts'
import { callS3, type S3Bucket } from './s3-bucket.ts'

export interface S3Place extends S3Bucket {
  /** Before each key; '' or ending with a slash. */
  readonly prefix: string
}

export interface S3Lock {
  /** Compliance: nobody can take the lock away. Governance: whoever has a right of its own can. */
  readonly mode: 'compliance' | 'governance'
  readonly days: number
}

const DAY_MS = 86_400_000

/** Puts checkpoints under a lock. A bucket without object lock takes none. */
export function s3Taker(place: S3Place, { mode, days }: S3Lock, now: () => number = Date.now): CopyTaker {
  return {
    put: async (name, note) => {
      const headers = {
        'content-type': 'text/plain; charset=utf-8',
        // What is locked has to come with a checksum.
        'x-amz-sdk-checksum-algorithm': 'SHA256',
        'x-amz-checksum-sha256': hash('sha256', note, 'base64'),
        'x-amz-object-lock-mode': mode.toUpperCase(),
        'x-amz-object-lock-retain-until-date': new Date(now() + days * DAY_MS).toISOString(),
      }
      await callS3(place, { method: 'PUT', key: `${place.prefix}${name}`, headers, body: note })
    },
  }
}

/** All versions of what is there: whoever may put can write over a name, and hide it, and what is locked is there as before. */
export function s3Reader(place: S3Place, atOnce = 1000): CopyReader {
  return {
    list,
    read: async copy => {
      const query = copy.version === null ? {} : { versionId: copy.version }
      return (await callS3(place, { method: 'GET', key: `${place.prefix}${nameOf(copy)}`, query })).text
    },
  }

  async function* list(): AsyncGenerator<Copy> {
    let marker: Readonly<Record<string, string>> | null = {}
    let last = ''
    while (marker !== null) {
      const asked = { versions: '', prefix: place.prefix, 'max-keys': String(atOnce), ...marker }
      const { text } = await callS3(place, { method: 'GET', key: '', query: asked })
      for (const { key, version } of versionsIn(text)) {
        const copy = key.startsWith(place.prefix) ? parseCopyName(key.slice(place.prefix.length), version) : null
        // Some servers begin a page with what the one before ended with.
        if (copy !== null && `${key} ${version}` !== last) yield copy
        last = `${key} ${version}`
      }
      marker = nextIn(text, marker)
    }
  }
}

/** Of `ListVersionsResult`; marks of deletion are none. */
function* versionsIn(xml: string) {
  for (const [, version = ''] of xml.matchAll(/<Version>(.*?)<\/Version>/gs)) {
    const id = textIn(version, 'VersionId')
    yield { key: textIn(version, 'Key'), version: id === '' ? null : id }
  }
}

/** Where the list goes on; null at its end. A server that stays where it was would be asked for ever. */
function nextIn(xml: string, before: Readonly<Record<string, string>>): Readonly<Record<string, string>> | null {
  if (textIn(xml, 'IsTruncated') !== 'true') return null
  const [key, version] = [textIn(xml, 'NextKeyMarker'), textIn(xml, 'NextVersionIdMarker')]
  if (key === '' || (key === before['key-marker'] && version === (before['version-id-marker'] ?? ''))) {
    throw new Error('the list of checkpoints in the second place does not go on')
  }
  return { 'key-marker': key, ...(version !== '' && { 'version-id-marker': version }) }
}

function textIn(xml: string, name: string): string {
  const found = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1] ?? ''
  return found.replaceAll(/&(lt|gt|quot|apos|amp);/g, (_, entity: string) => ENTITIES[entity] ?? '')
}

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' }
