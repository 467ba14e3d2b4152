import { WEBSOCKET } from '../../request/a-http-request.ts'
import { questionOf } from '../asking.ts'

export const DEPLOYMENT = '/apis/apps/v1/namespaces/shop/deployments/web'
export const POD = '/api/v1/namespaces/shop/pods/web'
export const JSON_BODY = 'application/json'

export const patch = (body: unknown, type = 'application/strategic-merge-patch+json') =>
  questionOf(`PATCH ${DEPLOYMENT}`, { body: JSON.stringify(body), type })
export const exec = (query: string) => questionOf(`GET ${POD}/exec?${query}`, { headers: WEBSOCKET })
export const container = (fields: object) => ({
  spec: { template: { spec: { containers: [{ name: 'web', ...fields }] } } },
})
