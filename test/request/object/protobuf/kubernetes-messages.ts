import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { goModule } from '../../../support/programs/go-module.ts'

/** Not served by any API server that is supported, or never sent to one. */
export const LEFT_OUT = /^(?:extensions|imagepolicy|admission|apidiscovery)\/|^apps\/v1beta/

interface Place {
  /** As its messages are called in the table, `apps/v1`. */
  readonly alias: string
  readonly folder: string
}

interface Field {
  readonly number: number
  readonly type: string
  readonly repeats: boolean
}

/**
 * The table of messages, as `src/request/object/protobuf/messages.json` keeps it: numbers and types from generated.proto of the API
 * server's own modules, names in JSON and whether nothing is left out from the tags of the Go types beside them.
 */
export async function kubernetesMessages(): Promise<string> {
  const places = await packages()
  const read = await Promise.all(places.map(async place => ({ place, ...(await readPackage(place)) })))
  const byName = new Map(places.map(({ alias, folder }) => [protoName(folder), alias]))
  const messages: Record<string, string> = {}
  for (const { place, proto, tags, sameAs } of read) {
    for (const [message, fields] of proto) {
      if (isList(message, proto)) continue
      const other = read.find(each => each.place.alias === `${place.alias.split('/')[0]}/${sameAs.get(message)}`)
      const lines = fields.map(field => {
        const at = `${message} ${field.number}`
        return toLine(field, tags.get(at) ?? other?.tags.get(at), place.alias, byName)
      })
      messages[`${place.alias}.${message}`] = lines.join(', ')
    }
  }
  const groups = Object.fromEntries(
    read
      .filter(({ group }) => group !== null)
      .map(({ place, group }) => [`${group}/${place.alias.split('/')[1]}`, place.alias]),
  )
  return `${JSON.stringify({ groups, messages }, null, 2)}\n`
}

/** Lists of objects are answers; nobody sends one. */
function isList(message: string, proto: ReadonlyMap<string, readonly Field[]>): boolean {
  return message.endsWith('List') && proto.has(message.slice(0, -'List'.length))
}

async function packages(): Promise<readonly Place[]> {
  const [api, machinery, extensions, aggregator] = await Promise.all(
    ['api', 'apimachinery', 'apiextensions-apiserver', 'kube-aggregator'].map(name => goModule(`k8s.io/${name}`)),
  )
  const found = (await readdir(api ?? '', { recursive: true }))
    .filter(file => file.endsWith('/generated.proto'))
    .map(file => file.replace('/generated.proto', ''))
    .filter(alias => !LEFT_OUT.test(alias))
    .toSorted()
    .map(alias => ({ alias, folder: join(api ?? '', alias) }))
  return [
    ...found,
    { alias: 'meta/v1', folder: join(machinery ?? '', 'pkg/apis/meta/v1') },
    { alias: 'apiextensions/v1', folder: join(extensions ?? '', 'pkg/apis/apiextensions/v1') },
    { alias: 'apiregistration/v1', folder: join(aggregator ?? '', 'pkg/apis/apiregistration/v1') },
  ]
}

async function readPackage({ folder }: Place) {
  const files = await readdir(folder)
  const sources = files.filter(file => file.endsWith('.go') && !/_test\.go$|^generated\.pb|^zz_/.test(file))
  const texts = await Promise.all(sources.map(file => readFile(join(folder, file), 'utf8')))
  const go = texts.join('\n')
  const proto = protoMessages(await readFile(join(folder, 'generated.proto'), 'utf8'))
  const group = /GroupName\s*=\s*"([^"]*)"/.exec(go)?.[1] ?? null
  // `type MatchCondition v1.MatchCondition`: its tags are in another version of the group.
  const same = go.matchAll(/^type (\w+) (v\w+)\.\1$/gm)
  const sameAs = new Map([...same].map(([, message = '', version = '']) => [message, version]))
  return { proto, tags: goTags(go), sameAs, group }
}

function protoMessages(text: string): ReadonlyMap<string, readonly Field[]> {
  const plain = text.replaceAll(/\/\/.*/g, '')
  const messages = plain.matchAll(/^message (\w+) \{([^}]*)\}/gm)
  return new Map(
    [...messages].map(([, name = '', body = '']) => {
      const lines = body.matchAll(/(?:(optional|repeated) ([\w.]+)|map<string, ([\w.]+)>) \w+ = (\d+);/g)
      const fields = [...lines].map(([, label, type, mapped, number]) => ({
        number: Number(number),
        type: mapped === undefined ? (type ?? '') : `map ${mapped}`,
        repeats: label === 'repeated',
      }))
      return [name, fields]
    }),
  )
}

interface Tag {
  readonly json: string
  /** Nothing is written where it is zero, and a pointer may point to zero. */
  readonly isOmitted: boolean
}

/** By struct and number. */
function goTags(go: string): ReadonlyMap<string, Tag> {
  const tags = new Map<string, Tag>()
  for (const [, struct = '', body = ''] of go.matchAll(/^type (\w+) struct \{\n([\s\S]*?)^\}/gm)) {
    for (const line of body.split('\n')) {
      const found = /^\s*(?!\/)([^`]*)`(.*)`/.exec(line)
      const protobuf = /protobuf:"\w+,(\d+),/.exec(found?.[2] ?? '')
      if (found === null || protobuf === null) continue
      const [json = '', ...options] = (/json:"([^"]*)"/.exec(found[2] ?? '')?.[1] ?? '').split(',')
      const isPointer = (found[1] ?? '').trim().split(/\s+/).at(-1)?.startsWith('*') === true
      const isInline = options.includes('inline')
      const isOmitted = !isPointer && (options.includes('omitempty') || options.includes('omitzero'))
      tags.set(`${struct} ${protobuf[1]}`, { json: isInline ? '...' : json, isOmitted })
    }
  }
  return tags
}

const SCALARS: Readonly<Record<string, string>> = { string: 'text', bool: 'flag' }

function toLine(
  { number, type, repeats }: Field,
  tag: Tag | undefined,
  alias: string,
  byName: ReadonlyMap<string, string>,
): string {
  const [map = '', mapped] = type.startsWith('map ') ? type.split(' ') : ['', type]
  const full = qualified(mapped ?? '', alias, byName)
  const mark = map === '' ? (repeats ? '*' : tag?.isOmitted === true ? '?' : '') : '%'
  return `${number} ${tag?.json ?? '-'} ${full}${mark}`
}

function qualified(type: string, alias: string, byName: ReadonlyMap<string, string>): string {
  if (/^(?:string|bool|int32|int64|bytes|double)$/.test(type)) return SCALARS[type] ?? type
  if (!type.startsWith('.')) return `${alias}.${type}`
  const at = type.lastIndexOf('.')
  const other = byName.get(type.slice(1, at))
  return `${other ?? type.slice(1, at).split('.').at(-1)}.${type.slice(at + 1)}`
}

/** `k8s.io.api.apps.v1`, as it stands in front of messages. */
function protoName(folder: string): string {
  return folder
    .slice(folder.indexOf('k8s.io/'))
    .replace(/@[^/]+/, '')
    .replaceAll('-', '_')
    .replaceAll('/', '.')
}
