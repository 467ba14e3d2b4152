const KIBIBYTE = 1024

/** As kube-apiserver takes them. */
export const WRITE_BYTES = 3 * KIBIBYTE * KIBIBYTE
/** Options of a delete, and what goes to a proxy of a pod. */
export const SMALL_BYTES = 512 * KIBIBYTE
/**
 * Reads have no body: enough for the authorizer to see one and refuse it, and less than a head may have, so that nobody is asked
 * twice about them.
 */
export const NO_BYTES = KIBIBYTE

/** The longest query that the authorizer reads (192 KiB), its path, and 24 KiB of headers: up to here it is the one who says what is too long. */
export const BOUNDARY_HEAD_KIB = 224
/**
 * Over HTTP/2 a hundred bytes on the wire can stand for a head of any size (HPACK), and Envoy keeps a hundred heads for each connection.
 * Its codec takes no single field over 64 KiB, and long commands come as upgrades, over HTTP/1.1.
 */
export const HTTP2_HEAD_KIB = 60
/** Tokens of identity providers may be long. */
export const BROKER_HEAD_KIB = 60
export const HEADER_LINES = 100
