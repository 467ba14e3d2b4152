import { stringify } from 'yaml'
import type { Json, Leaf, Schema, Value, Values } from '../value.ts'

const HEAD = '# Made from helm/values by `npm run chart`: change it there.\n'
const INDENT = '  '

/** values.yaml, each value under its comment. */
export function toValuesYaml(values: Values): string {
  return `${HEAD}\n${lines(values, '').join('\n')}\n`
}

function lines(values: Values, indent: string): readonly string[] {
  return Object.entries(values).flatMap(([key, value], index) => [
    ...(index > 0 && indent === '' ? [''] : []),
    `${indent}# -- ${value.doc}`,
    ...(value.kind === 'group'
      ? [`${indent}${key}:`, ...lines(value.values, `${indent}${INDENT}`)]
      : [`${indent}${key}: ${inline(value.fallback)}`]),
  ])
}

/** In one line, so that the comment above it speaks of all of it. */
function inline(value: Json): string {
  return stringify(value, {
    collectionStyle: 'flow',
    lineWidth: 0,
    defaultStringType: 'QUOTE_DOUBLE',
    defaultKeyType: 'PLAIN',
  }).trim()
}

/** values.schema.json: strict, but for what Kubernetes itself will check. */
export function toSchema(values: Values): string {
  const schema = {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Values of leasegate',
    ...toObject(values),
  }
  return `${JSON.stringify(schema, null, 2)}\n`
}

function toObject(values: Values): Schema {
  const properties = Object.entries(values).map(([key, value]) => [key, toProperty(value)])
  return { type: 'object', additionalProperties: false, properties: Object.fromEntries(properties) }
}

function toProperty(value: Value): Schema {
  const description = value.doc
  return value.kind === 'group' ? { description, ...toObject(value.values) } : { description, ...value.schema }
}

/** Rows of the README's table. */
export function toTable(values: Values): string {
  const rows = flat(values, '').map(
    ([path, { doc, fallback }]) => `| \`${path}\` | \`${cell(inline(fallback))}\` | ${cell(doc)} |`,
  )
  return ['| value | default | meaning |', '|---|---|---|', ...rows].join('\n')
}

function flat(values: Values, before: string): readonly (readonly [string, Leaf])[] {
  return Object.entries(values).flatMap(([key, value]) =>
    value.kind === 'group' ? flat(value.values, `${before}${key}.`) : ([[`${before}${key}`, value]] as const),
  )
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|')
}
