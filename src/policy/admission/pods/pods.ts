import { ACTS_AS_A_LEASE, TEMPLATE } from '../leased.ts'
import { type AdmissionPolicy, admissionPolicy } from '../objects.ts'
import { HOST, MAY_REACH_HOST } from './host.ts'
import { ACCOUNTS, IDENTITY } from './identity.ts'
import { FROM_THERE, IMAGES } from './images.ts'
import { SECRETS, UNREAD } from './secrets.ts'
import { PODS } from './templates.ts'

/** What pods may become by a lease: judged on what results, whatever bytes were sent for it. */
export const PODS_POLICY: AdmissionPolicy = admissionPolicy({
  name: 'leasegate-pods',
  operations: ['CREATE', 'UPDATE'],
  matchConditions: [ACTS_AS_A_LEASE],
  variables: [...TEMPLATE, ACCOUNTS, MAY_REACH_HOST, ...PODS, ...IMAGES, ...SECRETS],
  validations: [...IDENTITY, ...HOST, ...FROM_THERE, ...UNREAD],
})
