-- Has wrk send the very bytes of WRK_REQUEST, WRK_PIPELINE times over, and print what it saw as JSON.

local request = string.rep(os.getenv("WRK_REQUEST"), tonumber(os.getenv("WRK_PIPELINE")))

-- wrk asks this once, as long as there is no global request(): no Lua runs while it measures.
function wrk.init()
  wrk.request = function() return request end
end

function done(summary)
  local e = summary.errors
  print(string.format(
    '{"requests":%d,"seconds":%.6f,"errors":{"connect":%d,"read":%d,"write":%d,"status":%d,"timeout":%d}}',
    summary.requests, summary.duration / 1e6, e.connect, e.read, e.write, e.status, e.timeout
  ))
end
