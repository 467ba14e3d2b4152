import type { Context, Hono } from 'hono'
import type { z } from 'zod'
import type { Principal } from '../../identity/caller.ts'
import type { PageOf } from '../../lease/lease-store.ts'
import type { Role } from '../../policy/policy.ts'
import type { BrokerEnv } from '../parts.ts'
import { clientAddress } from './caller/client-address.ts'
import { isNamed, type PathParameter } from './path-parameters.ts'
import { MAX_BODY, readBody } from './read-body.ts'
import { readPageQuery } from './read-page-query.ts'
import type { StatusCode } from './refusal/status.ts'

/** Whom it is for. What else has to be so is in the words of the operation, and of the refusal. */
export interface Who {
  readonly agents: boolean
  /** By role; `all`: everybody in the policy file. */
  readonly people: 'all' | readonly Role[]
}

/**
 * One thing that the API does, said once: its route is made from it and reads by it, docs/openapi.json is generated from it, and tests hold
 * each answer against it.
 */
export interface Operation {
  /** Name of the method in generated clients. */
  readonly id: string
  readonly method: 'get' | 'post' | 'delete'
  /** As OpenAPI writes it: `/v1/leases/{lease}`. */
  readonly path: string
  /** One line, with a full stop. */
  readonly does: string
  readonly more?: string
  readonly who: Who
  /** Not there of what takes none. */
  readonly body?: z.ZodType
  /** Of the body, in bytes. */
  readonly most?: number
  /** A list that comes in pages, each begun after an id of this kind. */
  readonly pageAfter?: PathParameter
  readonly status: 200 | 201
  readonly answer: z.ZodType
  /** Beside those that any operation may refuse with. */
  readonly refuses: readonly StatusCode[]
  /** Where in the answer an id is that others of these take: a JSON pointer. */
  readonly gives?: Readonly<Partial<Record<PathParameter, string>>>
}

type NamedIn<Path> = Path extends `${string}{${infer Name}}${infer Rest}` ? Name | NamedIn<Rest> : never
type DeepReadonly<T> = T extends object ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> } : T

export type Shown<Schema> = Schema extends z.ZodType ? DeepReadonly<z.output<Schema>> : never

/** What was asked, read by what the operation says. Bodies are read when wanted: who may not ask is refused without. */
export interface Call<O extends Operation> {
  readonly principal: Principal
  /** Address that it came from. */
  readonly source: string
  readonly path: Readonly<Record<NamedIn<O['path']>, string>>
  readonly body: () => Promise<O extends { readonly body: infer Body extends z.ZodType } ? z.output<Body> : never>
  readonly page: () => Omit<PageOf, 'agent'>
  /** Aborted where whoever asked is gone before the answer was written. */
  readonly gone: () => AbortSignal
}

/** Puts the operation on its path. */
export function serveOperation<const O extends Operation>(
  routes: Hono<BrokerEnv>,
  operation: O,
  handle: (call: Call<O>) => Promise<Shown<O['answer']>>,
): void {
  const { method, path, status } = operation
  routes.on(method.toUpperCase(), path.replaceAll(/{(\w+)}/g, ':$1'), async context =>
    context.json((await handle(callOf(operation, context))) as object, status),
  )
}

function callOf<O extends Operation>(operation: O, context: Context<BrokerEnv>): Call<O> {
  const { body, most = MAX_BODY, pageAfter } = operation
  return {
    principal: context.var.principal,
    source: clientAddress(context.req),
    path: context.req.param() as Call<O>['path'],
    body: (async () => {
      if (body === undefined) throw new Error(`${operation.id} takes no body`)
      return readBody(context, body, most)
    }) as Call<O>['body'],
    gone: () => context.req.raw.signal,
    page: () => {
      if (pageAfter === undefined) throw new Error(`${operation.id} has no pages`)
      return readPageQuery(context, text => isNamed(pageAfter, text))
    },
  }
}
