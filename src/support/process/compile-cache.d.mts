/**
 * Lets Node keep what it compiled, for a program that kubectl starts for every command spends most of its time on that. What is kept runs:
 * only for commands that hold no keys and speak for nobody, and only where nobody but our user and root can change anything, up to the root.
 * Elsewhere, as in a pod, nothing is kept.
 */
export declare function keepCompiled(command: string | undefined, env: NodeJS.ProcessEnv): void
