-- Asks a server for all the paths of a file in turn, and prints what it took as a line of JSON.
-- Run: wrk -s ask.lua … URL -- PATHS METHOD [BODY]
local requests, at = {}, 0

function init(args)
  for path in io.lines(args[1]) do
    requests[#requests + 1] = wrk.format(args[2], path, nil, args[3])
  end
end

function request()
  at = at % #requests + 1
  return requests[at]
end

-- Times are in microseconds.
function done(summary, latency)
  local errors = summary.errors
  print(string.format(
    '{"answers": %d, "perSecond": %f, "p50Ms": %f, "p99Ms": %f, "faults": %d}',
    summary.requests,
    summary.requests * 1e6 / summary.duration,
    latency:percentile(50) / 1000,
    latency:percentile(99) / 1000,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout
  ))
end
