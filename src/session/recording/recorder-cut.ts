/** Why the recorder lets a session not begin, or go on. The access log shows it as the reason of the end. */
export type RecorderCut =
  /** No exec or attach of a request that was decided: it must not come this way. */
  | 'recorder_not_a_session'
  /** As many sessions as it takes. */
  | 'recorder_busy'
  /** Bytes before the API server has agreed to the tunnel: no client of Kubernetes sends any, and nobody could say what they are. */
  | 'recorder_early_bytes'
  /** Bytes that are not of the protocol, or could be read in two ways. */
  | 'recorder_unreadable'
  /** They could not be kept. */
  | 'recorder_failed'
  /** They were not kept in time. */
  | 'recorder_slow'
  /** More of them wait than may. */
  | 'recorder_full'
  /** It is told to end. */
  | 'recorder_shutdown'

/** How a session ended, as its recording says it; the request's own row in the record says more. */
export type SessionEnd =
  | RecorderCut
  /** It is over, and the API server has said how the command ended. */
  | 'ended'
  /** It was over before that: the client left, the API server died, or it was cut, by the end of its lease for one. */
  | 'closed'
  /** The API server did not agree to a tunnel. */
  | 'not_upgraded'
