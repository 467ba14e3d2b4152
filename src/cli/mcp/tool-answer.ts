import {
  type CallToolResult,
  type InputRequiredResult,
  isInputRequiredResult,
  type ReadResourceResult,
} from '@modelcontextprotocol/server'
import { toFailure } from '../command/cli-error.ts'

/** What went wrong is an answer too, in the words that people get: a model can do something about most of it. */
export async function answering(
  tool: () => Promise<Record<string, unknown> | InputRequiredResult>,
): Promise<CallToolResult | InputRequiredResult> {
  try {
    const value = await tool()
    if (isInputRequiredResult(value)) return value
    return { content: [{ type: 'text', text: JSON.stringify(value, null, 2) }], structuredContent: value }
  } catch (error) {
    return { content: [{ type: 'text', text: toFailure(error).message }], isError: true }
  }
}

export const JSON_TYPE = 'application/json'

/** What is read of a resource. */
export function asResource(uri: string, value: Record<string, unknown>): ReadResourceResult {
  return { contents: [{ uri, mimeType: JSON_TYPE, text: JSON.stringify(value) }] }
}
