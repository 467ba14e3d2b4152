import { readFileSync } from 'node:fs'
import { Hono } from 'hono'
import type { ConsoleEnv } from '../console-env.ts'

const FILES = {
  'console.css': 'text/css; charset=utf-8',
  'record.css': 'text/css; charset=utf-8',
  'console.js': 'text/javascript; charset=utf-8',
  'icon.svg': 'image/svg+xml',
} as const

/** The few files of the pages, read once; by their names alone. */
export function assetRoutes(): Hono<ConsoleEnv> {
  const app = new Hono<ConsoleEnv>()
  for (const [name, type] of Object.entries(FILES)) {
    const text = readFileSync(new URL(`../assets/${name}`, import.meta.url), 'utf8')
    app.get(`/${name}`, context => context.body(text, 200, { 'content-type': type }))
  }
  return app
}
