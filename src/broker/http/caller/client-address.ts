import type { HonoRequest } from 'hono'

/** Who connected to Envoy, which takes away what clients claim of that; '' where it did not say. */
export function clientAddress(request: HonoRequest): string {
  return (request.header('x-forwarded-for') ?? '').split(',').at(-1)?.trim().slice(0, 64) ?? ''
}
