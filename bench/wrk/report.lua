-- Prints what wrk measured as one line that a program can read.
-- On its own it is the script for a request that never changes.

function done(summary, latency, _)
  local errors = summary.errors
  print(string.format(
    "result requests=%d microseconds=%d p50=%d p99=%d failed=%d",
    summary.requests,
    summary.duration,
    latency:percentile(50),
    latency:percentile(99),
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
