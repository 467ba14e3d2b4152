import { z } from 'zod'
import { APPROVAL_ID, LEASE_ID } from '../../lease/lease-id.ts'

/** As Envoy makes its request ids. */
const AUDIT_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
/** Chosen by whoever watches: a watch goes on under it. */
const WATCH_ID = /^wch_[0-9a-f]{32}$/

/** What paths name, by the name that it has in them. */
export const PATH_PARAMETERS = {
  lease: z.string().regex(LEASE_ID).describe('Id of a lease.'),
  approval: z.string().regex(APPROVAL_ID).describe('Id of a question.'),
  agent: z.string().min(1).max(63).describe('Name of an agent in the policy file.'),
  auditId: z
    .string()
    .regex(AUDIT_ID)
    .describe('Audit id of a request; a session has that of the request that began it.'),
  watch: z.string().regex(WATCH_ID).describe('Chosen by whoever watches, at random.'),
} as const satisfies Record<string, z.ZodType>

export type PathParameter = keyof typeof PATH_PARAMETERS

export function isNamed(parameter: PathParameter, text: string): boolean {
  return PATH_PARAMETERS[parameter].safeParse(text).success
}
