/** `typ` keeps the kinds apart: no token passes where another kind is wanted (RFC 8725, 3.11). */
export const LEASE_TOKEN_TYPE = 'leasegate-lease+jwt'
export const CONTRACT_TYPE = 'leasegate-contract+jwt'
export const ANSWER_TYPE = 'leasegate-answer+jwt'
export const SESSION_TYPE = 'leasegate-session+jwt'
export const LOGIN_TYPE = 'leasegate-login+jwt'
export const WATCH_TYPE = 'leasegate-watch+jwt'
export const PLAN_TYPE = 'leasegate-plan+jwt'

/** Signs and names itself in both. */
export const ISSUER = 'leasegate'
export const BOUNDARY_AUDIENCE = 'leasegate:boundary'

/** The signature of lease tokens, contracts, answers, watches and sessions; nothing else is accepted, whatever a header says. */
export const ALGORITHM = 'EdDSA'
