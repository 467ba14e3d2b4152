#!lua
-- Writes the summaries of refusals whose minute is over; otherwise only the next refusal would.
--
-- KEYS[1] stream
-- ARGV[1] prefix of the refusals' keys

close_minutes(ARGV[1], this_minute())
return 1
