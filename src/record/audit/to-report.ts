import type { Checked, Finding, Report } from '../../findings/report.ts'
import type { CheckedCopies } from './checks/check-copies.ts'
import type { CheckedCosignatures } from './checks/check-cosignatures.ts'
import type { Deletion } from './checks/check-deletions.ts'
import type { CheckedLedger } from './checks/check-ledger.ts'
import type { Trouble } from './checks/trouble.ts'
import type { Verified } from './verify-record.ts'

/** A page of findings says enough; the number of them is said as well. */
const SHOWN = 1000

/** What `leasegate audit verify` found, under the sentence that it contradicts. */
export function toReport({ ledgers, counts, late, copies, cosignatures, troubles }: Verified): Report {
  const rows = [`${counts.good} halves of rows and events that are as they were entered`]
  const check = (name: string, title: string, kinds: readonly Trouble['kind'][], seen: readonly string[]): Checked => ({
    name,
    title,
    tried: ledgers.map(({ name, size }) => `ledger ${name}: ${size} entries`),
    seen,
    findings: shown(troubles.filter(({ kind }) => kinds.includes(kind)).map(toFinding)),
  })
  const elsewhere = [
    ...(copies === null
      ? []
      : [check('second-place', SECOND, ['rewritten', 'uncopied', 'unread'], inSecondPlace(copies))]),
    ...(cosignatures === null ? [] : [check('witnesses', WITNESSES, ['split', 'unwitnessed'], byQuorum(cosignatures))]),
  ]
  const checks = [
    check('ledgers', 'The ledgers hold what was signed', ['ledger', 'unsigned'], ledgers.map(signedOf)),
    check('checkpoints', 'Every checkpoint is there as it was signed', ['checkpoint'], []),
    ...elsewhere,
    check('unchanged', 'Every row is as it was entered', ['edited'], rows),
    check('complete', 'No row is missing', ['deleted', 'deletion'], [...gone(counts, ledgers), ...afterExport(late)]),
    check('nothing-else', 'Every row was entered', ['inserted'], before(counts.before)),
  ]
  return {
    title: 'leasegate audit verify: the record and its ledgers',
    checks: ledgers.length > 0 ? checks : [nothing(), ...elsewhere],
  }
}

function shown(findings: readonly Finding[]): readonly Finding[] {
  if (findings.length <= SHOWN) return findings
  const more = finding(`and ${findings.length - SHOWN} more of the same kind`, 'They are left out here.', RESTORE)
  return [...findings.slice(0, SHOWN), more]
}

function signedOf({ name, first, size, signed, signedAt, checkpoints }: CheckedLedger): string {
  const from = first === 0 ? '' : ` from ${first} on (what is older was taken away)`
  const last = signedAt === null ? 'never' : new Date(signedAt).toISOString()
  const open = size - signed
  // The entry that says that it was signed is itself signed by the next one.
  return `${name}: ${checkpoints} checkpoints${from}, the last at ${last}; ${open} entries are newer than that`
}

function inSecondPlace({ same, older }: CheckedCopies): readonly string[] {
  const gone = older === 0 ? [] : [`${older} checkpoints of what was taken away from the ledgers`]
  return [`${same} checkpoints in the second place that the ledgers have as well`, ...gone]
}

function byQuorum({ seen }: CheckedCosignatures): readonly string[] {
  return [`${seen} checkpoints that a quorum of witnesses has seen`]
}

function gone(counts: Verified['counts'], ledgers: readonly CheckedLedger[]): readonly string[] {
  const deletions = ledgers.flatMap(ledger => ledger.deletions)
  return [
    `${counts.expired} halves that are older than what is kept`,
    `${counts.deletedOnRequest} halves that were deleted on request`,
    ...deletions.map(
      deletion =>
        `deletion ${deletion.id} at ${new Date(deletion.at).toISOString()} by ${deletion.by}: ${whatWent(deletion)}: ${deletion.why}`,
    ),
  ]
}

function whatWent({ rows, of, taken }: Deletion): string {
  if (taken === undefined) return `${rows.length} halves of one ${of}`
  return taken.first === null ? `all of ledger ${taken.ledger}` : `days up to ${taken.until} of ledger ${taken.ledger}`
}

function afterExport(late: number): readonly string[] {
  return late === 0
    ? []
    : [`${late} entries were made after the export was begun, by its own word: their rows may be missing`]
}

function before(count: number): readonly string[] {
  return count === 0 ? [] : [`${count} halves from before there was a ledger: nothing is known of them`]
}

function nothing(): Checked {
  const what = 'there is no ledger: nothing shows whether rows were changed, deleted or added'
  const mend = 'Give the tap LEASEGATE_LEDGER_DIRECTORY and LEASEGATE_LEDGER_KEY_FILE.'
  return {
    name: 'ledgers',
    title: 'The record has a ledger',
    tried: ['the folder of ledgers'],
    seen: [],
    findings: [{ severity: 'unknown', what, why: 'Whoever can write to ClickHouse can rewrite the record.', mend }],
  }
}

function toFinding(trouble: Trouble): Finding {
  switch (trouble.kind) {
    case 'edited':
      return finding(
        `${named(trouble.entry)} was changed after it was written (${entryOf(trouble.entry)})`,
        ROWS,
        RESTORE,
      )
    case 'deleted':
      return finding(`${named(trouble.entry)} is gone (${entryOf(trouble.entry)})`, ROWS, RESTORE)
    case 'inserted':
      return finding(`${named(trouble.half)} was written by no tap that keeps a ledger`, STRANGE, FIND)
    case 'unsigned':
      return { ...finding(`ledger ${trouble.ledger}: ${trouble.what}`, UNSIGNED, FIND), severity: 'unknown' }
    case 'uncopied':
      return { ...finding(`ledger ${trouble.ledger}: ${trouble.what}`, UNCOPIED, SEE), severity: 'unknown' }
    case 'unread':
      return { ...finding(trouble.what, UNREAD, RIGHTS), severity: 'unknown' }
    case 'unwitnessed':
      return { ...finding(`ledger ${trouble.ledger}: ${trouble.what}`, UNWITNESSED, ASK), severity: 'unknown' }
    case 'rewritten':
    case 'split':
    case 'ledger':
    case 'checkpoint':
    case 'deletion':
      return finding(`ledger ${trouble.ledger}: ${trouble.what}`, LEDGER, COPY)
  }
}

function named({ kind, id, at }: { readonly kind: string; readonly id: string; readonly at: number }): string {
  return `${kind} ${readable(id)} of ${new Date(at).toISOString()}`
}

/** In a ledger that somebody changed it may be anything. */
function readable(id: string): string {
  try {
    return decodeURIComponent(id)
  } catch {
    return id
  }
}

function entryOf({ ledger, position }: { readonly ledger: string; readonly position: number }): string {
  return `entry ${position} of ledger ${ledger}`
}

const ROWS = 'Somebody with rights on ClickHouse changed the record; what it says of this is not what happened.'
const STRANGE = 'It may never have happened, or it was written by a tap of an older version or without a ledger.'
const LEDGER = 'Somebody with rights on the folder changed it, or a restore brought an old state back.'
const UNSIGNED =
  'A tap that was killed leaves a batch at most; whoever can write to the folder leaves as many as they like.'
const SECOND = 'What the second place was given is what the ledgers hold'
const WITNESSES = 'A quorum of witnesses has seen what the ledgers hold'
const UNWITNESSED = 'A witness signs what goes on from what it saw before: another history it does not sign.'
const ASK = 'See the log of the tap, which says what each witness answered, and ask who runs the witness.'
const UNCOPIED =
  'What the second place was not given it cannot vouch for; whoever may put there can put what nobody signed as well.'
const UNREAD =
  'Nothing was compared with it: a ledger that was rewritten by somebody who has the key passes for what it was.'
const RIGHTS =
  'Verify with an account that may list versions and read them: the one of the taps may not, and should not.'
const SEE = 'See the log of the tap and `leasegate doctor`: what could not be put is put when the second place is back.'
const RESTORE =
  'Compare with a backup and the audit log of the API server, and find out who has the right to change rows.'
const FIND = 'Find out who has the right to insert; the audit log of the API server tells whether it happened.'
const COPY = 'Compare with a copy of the folder, and find out who can write to it.'

function finding(what: string, why: string, mend: string): Finding {
  return { severity: 'critical', what, why, mend }
}
