import { setTimeout as pause } from 'node:timers/promises'
import { type RawAnswer, rawRequest } from './raw-request.ts'

/** As often as client-go does. */
const MOST_TRIES = 10

/** As clients of Kubernetes do it: what a busy machine could not decide in time is asked again, as its refusal says. Any other answer stands. */
export async function patientRequest(
  port: number,
  lines: readonly string[],
  body?: string | Buffer,
): Promise<RawAnswer> {
  for (let tries = 1; ; tries += 1) {
    const answer = await rawRequest(port, lines, body)
    const retryAfter = /^retry-after: (\d+)/im.exec(answer.head)?.[1]
    if (answer.status !== 503 || retryAfter === undefined || tries === MOST_TRIES) return answer
    await pause(Number(retryAfter) * 1000)
  }
}
