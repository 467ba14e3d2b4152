import { runOwnCluster } from './own-cluster/run.ts'
import { type Choices, readChoices, USAGE } from './start/choices.ts'
import { playNode } from './start/play-node.ts'
import { playStory } from './start/play-story.ts'

/** Exit code. */
async function main(): Promise<number> {
  const choices: Choices = readChoices(process.argv.slice(2))
  switch (choices.kind) {
    case 'help':
      process.stdout.write(`${USAGE}\n`)
      return 0
    case 'story':
      return playStory(choices)
    case 'node':
      return playNode(choices)
    case 'own':
      return runOwnCluster(choices)
  }
}

// What an interrupted story still waits for must not hold up the end.
main().then(
  code => process.exit(code),
  (error: Error) => {
    process.stderr.write(`leasegate: ${error.message}\n`)
    process.exit(1)
  },
)
