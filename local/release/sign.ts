import { must } from '../process/must.ts'

export interface Signer {
  /** An image, a list of images with all in it, or a chart: by its digest. */
  readonly sign: (reference: string) => Promise<void>
  /** That this is what the image is made of. */
  readonly attest: (reference: string, sbom: string) => Promise<void>
}

/** By a key. Nothing is told to a public log: who wants that signs once more, from where all may know. */
export function signerWith(cosign: string, key: string, isHere: boolean): Signer {
  const how = [
    ...['--yes', '--key', key, '--use-signing-config=false', '--tlog-upload=false'],
    ...(isHere ? ['--allow-http-registry'] : []),
  ]
  return {
    sign: async reference => void (await must(cosign, ['sign', ...how, '--recursive', reference])),
    attest: async (reference, sbom) =>
      void (await must(cosign, ['attest', ...how, '--type', 'cyclonedx', '--predicate', sbom, reference])),
  }
}
