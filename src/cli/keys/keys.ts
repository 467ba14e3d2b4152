import { generateKeyPairSync } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Command } from 'commander'
import { generateKeyFiles } from '../../identity/keys/keys.ts'
import type { Terminal } from '../command/terminal.ts'
import { telling } from '../command/told.ts'
import { listCommand, rotateCommand } from './rotate.ts'
import { sessionKeysCommand } from './session-keys.ts'
import { failed, writeNew } from './write-new.ts'

export function keysCommand(terminal: Terminal): Command {
  return new Command('keys')
    .addCommand(initCommand(terminal))
    .addCommand(ledgerCommand(terminal))
    .addCommand(sessionKeysCommand(terminal))
    .addCommand(listCommand(terminal))
    .addCommand(rotateCommand(terminal))
}

function initCommand(terminal: Terminal): Command {
  const command = new Command('init')
    .description('make a new pair: signing.jwks.json for the broker alone, public.jwks.json for the authorizers')
    .option('--dir <folder>', 'where to', '.')
  return telling(command, terminal, async ({ dir }: { readonly dir: string }) => {
    const files = await generateKeyFiles()
    const signing = join(dir, 'signing.jwks.json')
    const verify = join(dir, 'public.jwks.json')
    await mkdir(dir, { recursive: true }).catch(cause => failed(dir, cause))
    await writeNew(signing, files.signing, 0o600)
    await writeNew(verify, files.verify, 0o644)
    return { value: { signing, public: verify }, text: `${signing}\n${verify}\n` }
  })
}

function ledgerCommand(terminal: Terminal): Command {
  const command = new Command('ledger')
    .description('make a new pair for the ledgers: ledger.key.pem for the taps alone, ledger.pub.pem for who verifies')
    .option('--dir <folder>', 'where to', '.')
  return telling(command, terminal, async ({ dir }: { readonly dir: string }) => {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519')
    const [signing, verify] = [join(dir, 'ledger.key.pem'), join(dir, 'ledger.pub.pem')]
    await mkdir(dir, { recursive: true }).catch(cause => failed(dir, cause))
    await writeNew(signing, privateKey.export({ type: 'pkcs8', format: 'pem' }), 0o600)
    await writeNew(verify, publicKey.export({ type: 'spki', format: 'pem' }), 0o644)
    return { value: { signing, public: verify }, text: `${signing}\n${verify}\n` }
  })
}
