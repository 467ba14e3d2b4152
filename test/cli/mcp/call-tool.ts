import type { Client } from '@modelcontextprotocol/client'
import type { CliWorld } from '../cli-world.ts'

// biome-ignore lint/suspicious/noExplicitAny: what a program reads of JSON
export type Answer = any

/** What a tool answers, as a program reads it. */
export async function call(client: Client, name: string, given: Record<string, unknown> = {}): Promise<Answer> {
  const { structuredContent, isError, content } = await client.callTool({ name, arguments: given })
  if (isError === true) throw new Error((content as { text: string }[]).map(({ text }) => text).join('\n'))
  return structuredContent
}

export const WISH = { template: 'restart-web', reason: 'it hangs', namespaces: ['shop'] }

export async function stateIn(world: CliWorld, lease: string): Promise<{ kind: string; reason?: string }> {
  return JSON.parse((await world.as('web-operator', 'lease', 'show', lease, '-o', 'json')).stdout).state
}
