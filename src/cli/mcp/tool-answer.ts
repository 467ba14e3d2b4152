import { toFailure } from '../cli-error.ts'

/** A tool's result: for the model to read, and for programs. */
export interface ToolAnswer {
  readonly [key: string]: unknown
  content: { type: 'text'; text: string }[]
  structuredContent?: Record<string, unknown>
  isError?: boolean
}

/** What went wrong is an answer too, in the words that people get: a model can do something about most of it. */
export async function answering(tool: () => Promise<Record<string, unknown>>): Promise<ToolAnswer> {
  try {
    const value = await tool()
    return { content: [{ type: 'text', text: JSON.stringify(value, null, 2) }], structuredContent: value }
  } catch (error) {
    return { content: [{ type: 'text', text: toFailure(error).message }], isError: true }
  }
}
