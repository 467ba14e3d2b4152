import { ONE_PATH } from '../../../request/fields/field.ts'
import { DEEPEST } from '../../../request/fields/field-path.ts'
import { cel, listOf } from '../cel.ts'
import { ACTS_AS_A_LEASE, NAME, TEMPLATE } from '../leased.ts'
import { type AdmissionPolicy, admissionPolicy, refuse, type Variable } from '../objects.ts'
import { RULES_KEY } from '../parameters.ts'

/** A star or a name between brackets, and a plain name. */
const NAMES = String.raw`\["(?:[^"\\]|\\["\\])+"\]|[A-Za-z_][A-Za-z0-9_-]*`
/** What the API server itself writes along with each change. */
const KEPT_BY_THE_SERVER = ['managedFields', 'resourceVersion', 'generation']
/** The same as an annotation, of DaemonSets. */
const NOTED_BY_THE_SERVER = ['deprecated.daemonset.template.generation']

/** The variable of those rules that let this change pass. */
const ALLOWING = 'allowing'

const VARIABLES: readonly Variable[] = [
  ...TEMPLATE,
  NAME,
  { name: 'part', expression: 'request.?subResource.orValue("")' },
  {
    name: 'kind',
    expression: 'request.resource.resource + (variables.part == "" ? "" : "/" + variables.part)',
  },
  // Groups, resources, names, and fields where it has some, of each rule by which this object may be changed.
  {
    name: 'rules',
    expression: cel`
      variables.parameters[?variables.template + "${RULES_KEY}"].orValue("").split("\n").map(line, line.split("\t", 4)).filter(rule,
        rule.size() > 2 && rule[0].split(" ").exists(group, group == "*" || group == request.resource.group)
        && rule[1].split(" ").exists(kind, kind == "*" || kind == variables.kind
          || variables.part != "" && kind == "*/" + variables.part)
        && (rule[2] == "" || rule[2].contains("{") || variables.name in rule[2].split(" ")))`,
  },
  {
    name: 'limited',
    expression: cel`
      variables.rules.filter(rule, rule.size() == 4).map(rule, rule[3].split("\t").map(text,
        [text.find(${JSON.stringify(`^${ONE_PATH}`)})].map(path, {
          "path": ${namesIn('path.split("[*]")[0]')},
          "items": path.contains("[*]") ? ${namesIn('path.split("[*]")[1]')} : [],
          "key": [path.replace("[", ".[") + "."],
          "limit": text.substring(path.size()).trim().split(" ")})[0]))`,
  },
  // What lies below another one that is free is free itself.
  {
    name: 'fields',
    expression: cel`
      variables.limited.map(fields, fields.filter(field, !fields.exists(outer,
        outer.limit == [""] && outer.key != field.key && field.key[0].startsWith(outer.key[0]))))`,
  },
]

/**
 * A rule with fields lets a patch change those and nothing beside: here on what results, whatever bytes were sent. An item of a list that
 * a patch names may be a new one, and its order another.
 */
export const FIELDS_POLICY: AdmissionPolicy = admissionPolicy({
  name: 'leasegate-fields',
  operations: ['UPDATE'],
  matchConditions: [ACTS_AS_A_LEASE],
  variables: [...VARIABLES, ...narrowing([ofMetadata(), ...levels(), ofItems(), ofValues()])],
  validations: [
    refuse(
      cel`
        variables.rules.size() == 0 || variables.rules.exists(rule, rule.size() == 3)
        || variables.${ALLOWING}.size() > 0`,
      'leased identities change nothing but the fields that the rule of the task template names, and to nothing but what it says of them',
    ),
  ],
})

/**
 * Rules whose fields meet all of these, step by step: the API server checks the types of an expression in a time that grows with the square
 * of its length, and took 3 s for all of them in one. None may end in an error, which would be that of all rules: what a rule cannot be
 * compared by is not what it is for.
 */
function narrowing(conditions: readonly string[]): readonly Variable[] {
  const last = conditions.length - 1
  return conditions.map((condition, index) => ({
    name: index === last ? ALLOWING : `${ALLOWING}${index}`,
    expression: `variables.${index === 0 ? 'fields' : `${ALLOWING}${index - 1}`}.filter(fields, ${condition})`,
  }))
}

function namesIn(text: string): string {
  return cel`
    ${text}.findAll(${JSON.stringify(NAMES)}).map(name, name.startsWith("[") ? name.substring(2, name.size() - 2) : name)`
}

function ofMetadata(): string {
  const names = cel`
    ${listOf(KEPT_BY_THE_SERVER)} + fields.filter(one, one.path.size() > 1 && one.path[0] == "metadata").map(one, one.path[1])`
  const besideNotes = sameBut('object[?"metadata"]', 'oldObject[?"metadata"]', `${names} + ["annotations"]`)
  const notes = sameBut(notesOf('object'), notesOf('oldObject'), listOf(NOTED_BY_THE_SERVER))
  const areNamed =
    'fields.exists(one, one.path.size() > 1 && one.path[0] == "metadata" && one.path[1] == "annotations")'
  return `(fields.exists(one, one.path == ["metadata"]) || ${besideNotes} && (${areNamed} || ${notes}))`
}

function notesOf(root: string): string {
  return `${root}[?"metadata"][?"annotations"]`
}

/** At each step of the way to a field everything beside is as it was. Of fields with the same way the first one looks: each look costs. */
function levels(): readonly string[] {
  return Array.from({ length: DEEPEST.names }, (_, level) => {
    const goesBeside = `one.path.size() > ${level}${sameWay('path', level)}`
    const beside = `fields.filter(one, ${goesBeside}).map(one, one.path[${level}])`
    const kept = [['metadata'], [], NOTED_BY_THE_SERVER][level] ?? []
    const names = kept.length === 0 ? beside : `${beside} + ${listOf(kept)}`
    const isOther = level === 1 ? 'field.path[0] == "metadata" || ' : ''
    const same = sameBut(at('object', 'field.path', level), at('oldObject', 'field.path', level), names)
    const isSeen = `fields.exists(one, one.key[0] < field.key[0] && ${goesBeside})`
    return `fields.all(field, field.path.size() <= ${level} || ${isOther}${isSeen} || ${same})`
  })
}

/** Containers are the same, in the same order, but for fields in them. */
function ofItems(): string {
  const steps = Array.from({ length: DEEPEST.inItems }, (_, level) => {
    const way = `one.path == field.path && one.items.size() > ${level}${sameWay('items', level)}`
    const names = `fields.filter(one, ${way}).map(one, one.items[${level}])`
    return `(field.items.size() <= ${level} || ${sameBut(at('now', 'field.items', level), at('old', 'field.items', level), names)})`
  })
  const containersOf = (root: string) => `${reached(root, 'field.path', DEEPEST.beforeItems)}.orValue([])`
  const valueIn = (root: string) => reached(root, 'field.items', DEEPEST.inItems)
  return cel`
    fields.all(field, field.items.size() == 0 || [${containersOf('object')}].all(after, [${containersOf('oldObject')}].all(before,
      [after, before].all(items, type(items) == list && items.all(item, type(item) == map && "name" in item))
      && after.map(item, item.name) == before.map(item, item.name)
      && after.all(now, before.exists(old, old.name == now.name && ${steps.join(' && ')} && ${isWithin(valueIn('now'), valueIn('old'))})))))`
}

function ofValues(): string {
  const valueIn = (root: string) => reached(root, 'field.path', DEEPEST.names)
  return `fields.all(field, field.items.size() > 0 || ${isWithin(valueIn('object'), valueIn('oldObject'))})`
}

/** Whether a value is what it was, or what one of the entries for its field lets it be. */
function isWithin(value: string, was: string): string {
  return cel`
    (field.limit == [""] || [${value}].all(value, value == ${was} || fields.exists(one,
      one.path == field.path && one.items == field.items && value.hasValue() && (${holds('one.limit', 'value.value()')}))))`
}

function holds(limit: string, value: string): string {
  const [operator, said] = [`${limit}[0]`, `${limit}[1]`]
  const end = (at: number) => `int(${said}.split("..")[${at}])`
  return cel`
    ${operator} == "" ? true
      : ${operator} in ["<=", ">=", "in"] ? ${isOne(value, ['int', 'double'])} && (
        ${operator} == "<=" ? ${value} <= int(${said})
          : ${operator} == ">=" ? ${value} >= int(${said})
          : ${value} >= ${end(0)} && ${value} <= ${end(1)})
      : ${isOne(value, ['string', 'int', 'double', 'bool'])} && (
        ${said}.endsWith("*") ? string(${value}).startsWith(${said}.substring(0, ${said}.size() - 1))
          : string(${value}) == ${said})`
}

function isOne(value: string, types: readonly string[]): string {
  return `(${types.map(type => `type(${value}) == ${type}`).join(' || ')})`
}

/** What is reached by the first names of a list of them: an optional. */
function at(root: string, names: string, count: number): string {
  if (count === 0) return `optional.of(${root})`
  return `${root}${Array.from({ length: count }, (_, index) => `[?${names}[${index}]]`).join('')}`
}

/** By all of its names, however many they are, one after the other: all ways written out would be as long as their square. */
function reached(root: string, names: string, most: number): string {
  const steps = Array.from(
    { length: most },
    (_, index) => `.map(value, ${names}.size() > ${index} ? value[?${names}[${index}]] : value)`,
  )
  return `[optional.of(${root})]${steps.join('')}[0]`
}

/** Whether another field has the same names before that one. */
function sameWay(names: 'path' | 'items', count: number): string {
  return Array.from({ length: count }, (_, index) => ` && one.${names}[${index}] == field.${names}[${index}]`).join('')
}

/** Whether two optionals, of maps or not there, have the same members but for those. Of anything else they have not: whatever lies in it. */
function sameBut(after: string, before: string, names: string): string {
  return cel`
    [${after}.orValue({})].all(a, [${before}.orValue({})].all(b, [${names}].all(names,
      type(a) == map && type(b) == map && a.all(key, a[?key] == b[?key] || key in names) && b.all(key, key in a || key in names))))`
}
