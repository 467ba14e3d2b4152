/** Why a test that passes directly does not pass through the boundary, by its name. */
export const REASONS: Readonly<Record<string, string>> = {}
