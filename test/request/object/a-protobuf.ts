/** A field that holds a text or a message. */
export function bytesField(number: number, value: Uint8Array | string): Buffer {
  const content = Buffer.from(value as string)
  return Buffer.concat([varint(number * 8 + 2), varint(content.length), content])
}

export function flagField(number: number, value: number): Buffer {
  return Buffer.concat([varint(number * 8), varint(value)])
}

export function varint(value: number): Buffer {
  const bytes: number[] = []
  let left = value
  for (; left >= 0x80; left = Math.floor(left / 0x80)) bytes.push((left % 0x80) | 0x80)
  return Buffer.from([...bytes, left])
}

/** Objects as Kubernetes wraps them, of the kind that the path says; a client sends one, and names its kind. */
export function envelope(...objects: readonly Uint8Array[]): Buffer {
  return Buffer.concat([Buffer.from('k8s\0'), ...objects.map(object => bytesField(2, object))])
}

/** An object with nothing but an ObjectMeta. */
export function protobufNamed({ name = '', generateName = '', namespace = '' }): Buffer {
  const texts = [bytesField(1, name), bytesField(2, generateName), bytesField(3, namespace)]
  return envelope(bytesField(1, Buffer.concat(texts)))
}
