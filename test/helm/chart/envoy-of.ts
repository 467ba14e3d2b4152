import { podFiles, readPodSettings } from '../../../envoy/pod-files.ts'
import type { Loose } from './a-chart.ts'

/** What the first container of each pod with Envoy writes, by name, from the settings that the chart has for it. */
export function envoyFilesOf(objects: readonly Loose[]): Readonly<Record<string, string>> {
  const found = objects.find(({ kind, metadata }) => kind === 'ConfigMap' && /-envoy$/.test(metadata.name))
  const read = readPodSettings(found.data['settings.json'])
  if (read.kind === 'problems') throw new Error(read.problems.join('\n'))
  return podFiles(read.settings, '/etc/envoy')
}

/** What Envoy is started with. */
export function envoyOf(objects: readonly Loose[]): Loose {
  return JSON.parse(envoyFilesOf(objects)['envoy.json'] ?? '')
}
