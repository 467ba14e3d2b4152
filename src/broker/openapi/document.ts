import { z } from 'zod'
import type { Operation, Who } from '../http/operation.ts'
import { PATH_PARAMETERS, type PathParameter } from '../http/path-parameters.ts'
import { PAGE_LIMIT } from '../http/read-page-query.ts'
import { STATUS } from '../http/shown.ts'
import { OPERATIONS } from './operations.ts'
import { IN_A_WHILE, refusalsOf, SAYS } from './refusals.ts'
import { type Described, type JsonSchema, toSchema } from './to-schema.ts'

const CALLERS = {
  identityToken: {
    type: 'http',
    scheme: 'bearer',
    description: 'A token of an issuer that the policy file believes. Lease tokens are for the boundary, not for this.',
  },
  clientCertificate: { type: 'mutualTLS', description: 'Of an agent, where the policy file believes its authority.' },
} as const

/** The API as OpenAPI 3.1 has it, JSON. */
export function openapiText(): string {
  text ??= `${JSON.stringify(openapiDocument(), null, 2)}\n`
  return text
}

/** Made when it is first asked for. */
let text: string | null = null

export function openapiDocument(): object {
  const schemas = new Map<string, JsonSchema>()
  const take = ({ schema, named }: Described): JsonSchema => {
    for (const [name, of] of Object.entries(named)) schemas.set(name, of)
    return schema
  }
  const paths: Record<string, Record<string, object>> = {}
  for (const operation of OPERATIONS) {
    paths[operation.path] = { ...paths[operation.path], [operation.method]: toOperation(operation, take) }
  }
  const status = take(toSchema(STATUS, 'output'))
  return {
    openapi: '3.1.0',
    info: {
      title: "Leasegate's broker",
      version: 'v1',
      summary: 'Leases for agents, answers to what they ask, and their end.',
      description:
        'Later brokers may say more in an answer, and take more in a body. Each refusal is a Status object of Kubernetes.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/', description: 'The broker that served this, behind its Envoy.' }],
    security: [{ identityToken: [] }, { clientCertificate: [] }],
    paths,
    components: {
      schemas: Object.fromEntries([...schemas].toSorted(([one], [other]) => (one < other ? -1 : 1))),
      responses: responses(status),
      securitySchemes: CALLERS,
    },
  }
}

type Take = (described: Described) => JsonSchema

function toOperation(operation: Operation, take: Take): object {
  const { id, path, does, who, more = '', status, answer } = operation
  const refused = refusalsOf(operation).map(code => [code, { $ref: `#/components/responses/${code}` }])
  return {
    operationId: id,
    tags: [path.split('/')[2]],
    summary: does,
    description: `${wordsOf(who)}${more === '' ? '' : ` ${more}`}`,
    parameters: [...inPath(path), ...inQuery(operation)],
    ...bodyOf(operation, take),
    responses: {
      [status]: {
        description: status === 201 ? 'Done.' : 'As it is now.',
        content: { 'application/json': { schema: take(toSchema(answer, 'output')) } },
        ...linksOf(operation),
      },
      ...Object.fromEntries(refused),
    },
  }
}

function wordsOf({ agents, people }: Who): string {
  const whom = people === 'all' ? 'people' : people.length === 0 ? '' : `people with the role ${people.join(' or ')}`
  return `For ${[...(agents ? ['agents'] : []), ...(whom === '' ? [] : [whom])].join(' and ')}.`
}

function namesIn(path: string): readonly PathParameter[] {
  return [...path.matchAll(/{(\w+)}/g)].map(([, name]) => name as PathParameter)
}

function inPath(path: string): readonly object[] {
  return namesIn(path).map(name => {
    const { description, ...schema } = toSchema(PATH_PARAMETERS[name], 'input').schema
    return { name, in: 'path', required: true, description, schema }
  })
}

function inQuery({ pageAfter }: Operation): readonly object[] {
  if (pageAfter === undefined) return []
  const after = toSchema(z.union([z.literal(''), PATH_PARAMETERS[pageAfter]]), 'input').schema
  const { most: maximum, usual } = PAGE_LIMIT
  return [
    { name: 'after', in: 'query', description: "`next` of the page before; '' begins.", schema: after },
    { name: 'limit', in: 'query', schema: { type: 'integer', minimum: 1, maximum, default: usual } },
    {
      name: 'partial',
      in: 'query',
      description:
        'Rather what is there than 503, while a server of a store in Cluster mode is away: `missing` then says that it is not all.',
      schema: { type: 'string', enum: ['yes'] },
    },
  ]
}

function bodyOf({ body }: Operation, take: Take): object {
  if (body === undefined) return {}
  const required = !body.safeParse({}).success
  return { requestBody: { required, content: { 'application/json': { schema: take(toSchema(body, 'input')) } } } }
}

/** To all that take the id of what was made. */
function linksOf({ gives = {} }: Operation): object {
  const links = Object.entries(gives).flatMap(([name, pointer]) =>
    OPERATIONS.filter(({ path }) => path.includes(`{${name}}`) && namesIn(path).length === 1).map(({ id }) => [
      id,
      { operationId: id, parameters: { [name]: `$response.body#${pointer}` } },
    ]),
  )
  return links.length === 0 ? {} : { links: Object.fromEntries(links) }
}

function responses(status: JsonSchema): object {
  const again = z.string().regex(/^\d+$/).describe('Seconds after which the same may succeed.')
  const { description, ...seconds } = toSchema(again, 'output').schema
  const codes = [...new Set(OPERATIONS.flatMap(refusalsOf))].toSorted((one, other) => one - other)
  const made = codes.map(code => [
    code,
    {
      description: SAYS[code],
      ...(IN_A_WHILE.has(code) ? { headers: { 'Retry-After': { description, schema: seconds } } } : {}),
      content: { 'application/json': { schema: status } },
    },
  ])
  return Object.fromEntries(made)
}
