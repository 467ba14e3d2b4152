/** Where the boundary's service account is. */
export const BOUNDARY_NAMESPACE = 'leasegate-system'
export const BOUNDARY_ACCOUNT = 'leasegate-boundary'
/** Another one for plans: it may look and try, and act as nobody. */
export const PLANNER_ACCOUNT = 'leasegate-planner'
