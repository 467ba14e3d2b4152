import { ensureToolchain } from '../../../local/toolchain/toolchain.ts'

/** The server that tests of the store start: the Valkey of the toolchain, or the program that `STORE_SERVER` names, as a Redis. */
export async function storeServer(): Promise<string> {
  return process.env['STORE_SERVER'] ?? (await ensureToolchain(line => console.error(line))).valkeyServer
}
