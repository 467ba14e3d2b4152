import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** What starts clusters or builds images: minutes of one worker, which nobody wants to wait for when all others are done. */
const SLOW = [
  'test/clients/',
  'test/helm/cluster/',
  'test/helm/story/',
  'test/image/',
  'test/proof/',
  'test/upstream/',
  'test/fuzz/',
]

/** As vitest does it, but that it knows of no file how long it takes before the first run. */
export class SlowFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ project, moduleId }: TestSpecification) =>
      2 * (project.config.sequence.groupOrder ?? 0) + (SLOW.some(folder => moduleId.includes(`/${folder}`)) ? 0 : 1)
    return (await super.sort(files)).sort((a, b) => place(a) - place(b))
  }
}
