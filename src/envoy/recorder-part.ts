/** By this gRPC metadata the recorder tells the two side streams of a session apart: `session` and `bytes`. */
export const RECORDER_PART = 'x-leasegate-part'
