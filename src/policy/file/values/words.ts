import { z } from 'zod'
import { OPEN_IMAGE, parseField } from '../../../request/fields/field.ts'
import { parseFieldSelector } from '../../../request/selectors/field-selector.ts'
import { labelRequirements } from '../../../request/selectors/label-requirements.ts'
import { unfitServerUrl } from '../../../support/net/server-url.ts'
import { parseNetwork } from '../../conditions/networks.ts'
import { parsePattern } from '../../conditions/pattern.ts'
import { isOfPrograms } from '../../risk-rules/acting-notes.ts'
import { parseDuration } from './duration.ts'

/** Messages complete a sentence that begins with the place: `templates[0].name must be …`. */
const NAME = 'must be lower case letters, digits, dots and dashes, 63 at most'
/** Goes into user and group names of Kubernetes, and into keys. */
export const name = z.string().regex(/^[a-z0-9](?:[a-z0-9.-]{0,61}[a-z0-9])?$/, NAME)

export const personName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._@+-]{0,127}$/, 'must be letters, digits and . _ @ + -, such as an e-mail address')

export const text = z.string().min(1, 'must not be empty')

/** In milliseconds. */
export const duration = z.string().transform((value, context) => {
  const ms = parseDuration(value)
  if (ms === null) context.addIssue({ code: 'custom', message: 'must be a duration such as 10m or 1h30m' })
  return ms ?? 0
})

export const serverUrl = z.string().check(context => {
  const unfit = unfitServerUrl(context.value)
  if (unfit !== null) context.issues.push({ code: 'custom', message: `must ${unfit}`, input: context.value })
})

/** As an issuer is asked for them (RFC 6749 3.3). */
export const scopes = z
  .string()
  .regex(
    /^[!#-[\]-~]{1,100}( [!#-[\]-~]{1,100}){0,19}$/,
    'must be words with a blank between them, such as openid email',
  )
  .refine(value => value.split(' ').includes('openid'), {
    error: 'must have openid: without it there is no identity token',
  })

/** As SPIFFE has them: lower case, and nothing of a URL around it. */
export const trustDomain = z
  .string()
  .regex(/^[a-z0-9._-]{1,255}$/, 'must be a trust domain such as prod.example.com, without spiffe://')

/**
 * What a sponsor is called. Text that people can read and compare, and that has a UTF-8: it ends up in a header, in rows and before
 * approvers. No control and format characters, no line breaks, no half of a surrogate pair, and something beside blanks.
 */
export const SPONSOR_NAME = /^(?=.*[^\s\p{Default_Ignorable_Code_Point}])[^\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]{1,256}$/u

export const sponsorName = z.string().regex(SPONSOR_NAME, 'must be one line of plain text, 256 characters at most')

/** Ends up in a denial, before approvers and in signed leases. */
export const sentence = z
  .string()
  .regex(
    /^[^\s\p{Default_Ignorable_Code_Point}][^\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]{2,199}$/u,
    'must be one line of plain text that goes on from "this …", 200 characters at most',
  )

const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/

export const namespace = z.string().refine(value => value === '*' || LABEL.test(value), {
  error: 'must be the exact name of a namespace, or "*" for every one',
})

export const boundaryNamespace = z.string().refine(value => value === '' || LABEL.test(value), {
  error: 'must be the name of a namespace, or "" when Leasegate runs outside of the cluster',
})

export const namespacePattern = z
  .string()
  .regex(/^(?:[a-z0-9][a-z0-9-]{0,62})?\*?$/, 'must be the name of a namespace, or the beginning of one with a last *')
  .min(1, 'must not be empty')

export const verb = z.string().regex(/^(?:\*|[a-z][a-z-]*)$/, 'must be a verb of Kubernetes in lower case, or "*"')

export const apiGroup = z.string().check(context => {
  const { value } = context
  const wrong =
    value === 'core'
      ? 'must be "" for the core group'
      : value.includes('/')
        ? 'must be a group without its version'
        : /^(?:\*|[a-z0-9.-]*)$/.test(value)
          ? null
          : 'must be an API group such as "apps", "" for the core group, or "*"'
  if (wrong !== null) context.issues.push({ code: 'custom', message: wrong, input: value })
})

export const resource = z
  .string()
  .regex(
    /^(?:\*|(?:\*|[a-z0-9][a-z0-9.-]*)\/[a-z0-9-]+|[a-z0-9][a-z0-9.-]*)$/,
    'must be a resource in lower case plural such as "pods", "pods/log", "*/scale", or "*"; no other star means anything',
  )

export const resourceName = z
  .string()
  .min(1, 'must not be empty')
  .regex(/^[^*]+$/, 'must be an exact name: a star has no meaning in names')

export const resourceNamePattern = z
  .string()
  .regex(/^(?:[^*]+\*?)$/, 'must be the name of an object, or the beginning of one with a last *')

const OF_PROGRAMS = 'is a prefix of a program that acts by it: name one of your own, such as team.example.com'

/** What stands before the slash in labels and annotations of a team's own. */
export const notePrefix = z
  .string()
  .regex(
    /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+$/,
    'must be what stands before the slash, such as team.example.com',
  )
  .refine(prefix => !isOfPrograms(prefix), { error: OF_PROGRAMS })

export const serviceAccount = z
  .string()
  .regex(
    /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/,
    'must be the exact name of a service account: every one that pods may run as is named',
  )

export const secretName = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/, 'must be the exact name of a Secret: every one is named')

export const field = z.string().check(context => {
  const found = parseField(context.value)
  if (typeof found === 'string') context.issues.push({ code: 'custom', message: found, input: context.value })
})

/** What images of containers may be: one, or all that begin so. */
export const image = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._:@/-]{0,252}\*?$/, 'must be an image, or the beginning of one with a last *')
  .refine(value => !value.endsWith('*') || /[/:@]\*$/.test(value), { error: OPEN_IMAGE })

export const labelSelector = z.string().refine(value => (labelRequirements(value) ?? []).length > 0, {
  error: 'must be a label selector such as app=web,tier in (a,b)',
})

export const fieldSelector = z.string().refine(value => (parseFieldSelector(value) ?? []).length > 0, {
  error: 'must be a field selector such as spec.nodeName=node-1',
})

export const nonResourceUrl = z
  .string()
  .regex(/^(?:\*|\/[^*\s]*\*?)$/, 'must be a path such as "/metrics", which may end in a star')

export const command = z
  .array(z.string())
  .min(1, 'must name at least one argument')
  .refine(parts => !parts.slice(0, -1).includes('**'), { error: 'may have "**" only as its last part' })

/** Stars at the ends alone: matching takes one look at the name, whoever wrote the pattern. */
export const maskedName = z
  .string()
  .regex(/^\*?[A-Za-z0-9._-]{2,63}\*?$/, 'must be a name of 2 characters or more, with a * at its ends at most')

export const maskedPrefix = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._-]{2,62}$/,
    'must be the first 3 characters or more of a credential, letters, digits and . _ -',
  )

/** A mailbox alone: without a name beside it, and without signs that end one or begin a header. */
export const mailAddress = z
  .string()
  .regex(
    /^[A-Za-z0-9._%+=-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?$/,
    'must be an address such as ops@example.com',
  )

export const hostAndPort = z.string().transform((value, context) => {
  const [, host, port] = /^([A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:]{2,45}\])(?::(\d{1,5}))?$/.exec(value) ?? []
  if (host !== undefined && Number(port ?? 1) > 0 && Number(port ?? 1) < 65_536) {
    return { host, port: port === undefined ? null : Number(port) }
  }
  context.addIssue({
    code: 'custom',
    message: 'must be a host, with its port where it is another, such as smtp.example.com:587',
  })
  return z.NEVER
})

/** In minutes. */
export const timeOfDay = z.string().transform((value, context) => {
  const [, hours, minutes] = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(value) ?? []
  if (hours !== undefined) return Number(hours) * 60 + Number(minutes)
  context.addIssue({ code: 'custom', message: 'must be a time of day from 00:00 to 23:59' })
  return z.NEVER
})

/** The same, and the end of the day. */
export const endOfDay = z.union([z.literal('24:00').transform(() => 1440), timeOfDay], {
  error: 'must be a time of day from 00:00 to 24:00',
})

export const parameterName = z
  .string()
  .regex(/^[a-z][a-z0-9]{0,31}$/, 'must be a name of lower case letters and digits, 32 at most')

export const network = z.string().refine(value => parseNetwork(value) !== null, {
  error: 'must be an address, or a network such as 10.0.0.0/8 or 2001:db8::/32 without bits beyond its prefix',
})

/** Compared with a whole ticket or parameter. */
export const pattern = z.string().check(context => {
  const found = parsePattern(context.value)
  if (typeof found === 'string') context.issues.push({ code: 'custom', message: found, input: context.value })
})

export const timeZone = z.string().refine(isTimeZone, { error: 'must be a time zone such as Europe/Berlin, or UTC' })

function isTimeZone(value: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: value }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}
