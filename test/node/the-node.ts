import { inject } from 'vitest'
import { adminOf, type Node } from '../../local/node/node.ts'
import { type Inside, inside } from '../../local/node/place.ts'
import type { Product } from '../../local/node/product/product.ts'
import { helmOn } from '../../local/node/product/release.ts'

type Plain<T, Without extends keyof T> = Omit<T, Without>

declare module 'vitest' {
  interface ProvidedContext {
    node: Plain<Node, 'place' | 'admin'> & Pick<Inside, 'pid'>
    product: Plain<Product, 'helm'> & { readonly helm: string; readonly directory: string }
  }
}

/** The node that is shared, as somebody who did not start it has it. */
export function theNode(): Node {
  const { pid, ...plain } = inject('node')
  const place = inside(pid)
  return { ...plain, place, admin: adminOf(place, plain.kubectl, plain.adminKubeconfig) }
}

export function theProduct(): Product {
  const { helm, directory, ...plain } = inject('product')
  return { ...plain, helm: helmOn(theNode(), helm, directory) }
}
