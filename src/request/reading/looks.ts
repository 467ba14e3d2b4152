import type { ApiRequest, RequestInfo } from '../api-request.ts'

/**
 * Whether anybody looked at what tells a request from others of its kind: the name of its object, and its path. What was made of it without such a
 * look is the same for all of them.
 */
export class Looks {
  atName = false

  ofInfo(info: RequestInfo): RequestInfo {
    const { name } = info
    return Object.defineProperty({ ...info }, 'name', { get: () => this.#found(name), enumerable: true })
  }

  ofRequest(request: ApiRequest): ApiRequest {
    const { path } = request
    return Object.defineProperty(request, 'path', { get: () => this.#found(path), enumerable: true })
  }

  #found(text: string): string {
    this.atName = true
    return text
  }
}
