import { createHash } from 'node:crypto'
import { dirname, isAbsolute, join } from 'node:path'
import { type Document, LineCounter, parseDocument } from 'yaml'
import { crossChecks } from '../file/checks/cross-checks.ts'
import { overlapsIn } from '../file/checks/identities.ts'
import { explainIssues, placeName } from '../file/issues/issues.ts'
import { locate, type Problem } from '../file/issues/positions.ts'
import { notifyFrom, signedFrom } from '../file/notify.ts'
import { policySchema } from '../file/schema.ts'
import { duplicatesIn, type Found, namesIn } from '../file/values/names.ts'
import type { Issuer, Policy } from '../policy.ts'

export type ParsedPolicy =
  | { readonly kind: 'policy'; readonly policy: Policy }
  /** All of them at once, in the order of the file. */
  | { readonly kind: 'problems'; readonly problems: readonly Problem[] }

/** Reads a policy file. `fileName` is where paths in it start from. */
export function parsePolicy(text: string, fileName: string): ParsedPolicy {
  const counter = new LineCounter()
  const document = parseDocument(text, { lineCounter: counter, prettyErrors: false })
  const faults = [...document.errors, ...document.warnings]
  if (faults.length > 0) return inOrder(faults.map(({ pos, message }) => at(counter, pos[0], message)))

  const raw = readValue(document)
  if (raw.kind === 'problem') return inOrder([{ line: 1, column: 1, message: raw.message }])
  const checked = policySchema(namesIn(raw.value)).safeParse(raw.value, { reportInput: true })
  const found = [...duplicatesIn(raw.value), ...crossChecks(raw.value), ...overlapsIn(raw.value)]
  const problems = [
    ...(checked.success ? [] : explainIssues(checked.error.issues, document, counter)),
    ...found.map(one => place(one, document, counter)),
  ]
  if (!checked.success || problems.length > 0) return inOrder(problems)

  const issuers = checked.data.issuers.map(issuer => fromFolder(issuer, dirname(fileName)))
  const { notify, tickets, certificateAuthorities } = checked.data
  const authorities =
    certificateAuthorities === undefined
      ? {}
      : {
          certificateAuthorities: certificateAuthorities.map(one => ({
            ...one,
            file: inFolder(dirname(fileName), one.file),
          })),
        }
  const beside = (path: string) => inFolder(dirname(fileName), path)
  const told = {
    ...(notify === undefined ? {} : { notify: notifyFrom(notify, beside) }),
    ...(tickets === undefined ? {} : { tickets: signedFrom(tickets, beside) }),
  }
  const revision = createHash('sha256').update(text).digest('hex')
  return { kind: 'policy', policy: { ...checked.data, ...told, ...authorities, issuers, revision } }
}

/** `policy.yaml:3:7: …`, one line each. */
export function describeProblems(problems: readonly Problem[], fileName: string): string {
  return problems.map(({ line, column, message }) => `${fileName}:${line}:${column}: ${message}`).join('\n')
}

type Raw = { readonly kind: 'value'; readonly value: unknown } | { readonly kind: 'problem'; readonly message: string }

function readValue(document: Document): Raw {
  try {
    return { kind: 'value', value: document.toJS({ maxAliasCount: 100 }) }
  } catch {
    return { kind: 'problem', message: 'anchors and aliases make the file too large to read' }
  }
}

function place({ path, message }: Found, document: Document, counter: LineCounter): Problem {
  return { ...locate(document, counter, path), message: `${placeName(path)} ${message}` }
}

function at(counter: LineCounter, offset: number, message: string): Problem {
  const { line, col } = counter.linePos(offset)
  return { line: Math.max(line, 1), column: Math.max(col, 1), message }
}

function inOrder(problems: readonly Problem[]): ParsedPolicy {
  const sorted = [...problems].sort((a, b) => a.line - b.line || a.column - b.column)
  return { kind: 'problems', problems: sorted }
}

function fromFolder(issuer: Issuer, folder: string): Issuer {
  const { jwks } = issuer
  switch (jwks.kind) {
    case 'file':
      return { ...issuer, jwks: { ...jwks, path: inFolder(folder, jwks.path) } }
    case 'cluster':
      return issuer
    case 'url':
      return { ...issuer, jwks: { ...jwks, ...filesOf(jwks, path => inFolder(folder, path)) } }
  }
}

function filesOf(
  { caFile, tokenFile }: Extract<Issuer['jwks'], { readonly kind: 'url' }>,
  place: (path: string) => string,
) {
  return {
    caFile: caFile === null ? null : place(caFile),
    ...(tokenFile === undefined ? {} : { tokenFile: place(tokenFile) }),
  }
}

function inFolder(folder: string, path: string): string {
  return isAbsolute(path) ? path : join(folder, path)
}
