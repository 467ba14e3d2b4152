import { lintEnvoy } from './lint.ts'

/** Envoy shows no field that has protobuf's own zero (false, 0, the first of an enum), and for these the zero is what is wanted. */
const ZERO_WANTED = [
  'healthy_panic_threshold.value',
  'failure_mode_allow',
  'allow_partial_message',
  'request_body_mode',
  'response_body_mode',
  'guard.rules.action',
  'allow_request_without_credential',
  'preserve_external_request_id',
  'boundary.forward_client_cert_details',
].map(field => `${field} must not be left out`)

/** And it hides what a route says to the check, so that classes cannot be told. */
const HIDDEN = /: (?:route \d+ names no class|the (?:first|second) route must be of class (?:session|upgrade))$/

/** The same lint for the bootstrap that a running Envoy shows (`/config_dump`), JSON. */
export function lintRunningEnvoy(bootstrap: string): readonly string[] {
  const hides = bootstrap.includes('[redacted]')
  return lintEnvoy(bootstrap).filter(
    problem => !ZERO_WANTED.some(end => problem.endsWith(end)) && !(hides && HIDDEN.test(problem)),
  )
}
