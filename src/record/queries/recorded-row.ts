import { z } from 'zod'
import { type Recorded, TOLD } from '../../policy/replay/recorded.ts'

const told = z.enum([...TOLD, '']).transform(text => (text === '' ? 'unknown' : text))

/** Columns by which a request is judged once more, as the questions `replay` and `request` name them. */
export const RECORDED_COLUMNS = {
  agent: z.string(),
  template: z.string(),
  ticket: z.string(),
  namespaces: z.array(z.string()),
  parameters: z
    .string()
    .transform(text => (text === '' ? null : z.record(z.string(), z.string()).parse(JSON.parse(text)))),
  delegated_by: z.string(),
  narrowed: z.coerce.boolean(),
  bound: told,
  consented: told,
  method: z.string(),
  path: z.string(),
  is_resource: z.boolean(),
  verb: z.string(),
  api_group: z.string(),
  resource: z.string(),
  subresource: z.string(),
  namespace: z.string(),
  name: z.string(),
  field_selector: z.string(),
  label_selector: z.string(),
  command: z.array(z.string()),
  stdin: z.boolean(),
  ports: z.string(),
  force: z.boolean(),
  source: z.string(),
  decision: z.enum(['allow', 'deny', 'pending']),
  reason: z.string(),
  rule: z.string(),
  risk: z.string(),
  asked: z.coerce.boolean(),
  watched: z.coerce.boolean(),
  requests: z.coerce.number(),
  examples: z.array(z.string()),
}
const COLUMNS = z.object(RECORDED_COLUMNS)

export function toRecorded(row: z.infer<typeof COLUMNS>): Recorded {
  const { is_resource: isResource, api_group: apiGroup, ...others } = row
  const { field_selector: fieldSelector, label_selector: labelSelector, delegated_by: delegatedBy, ...rest } = others
  return { ...rest, isResource, apiGroup, fieldSelector, labelSelector, delegatedBy }
}
