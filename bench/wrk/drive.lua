-- Every request is another user's, with that user's own token; task ids take turns.
-- wrk ... -- CAST SCENARIO    CAST is a Lua file: { {id=, token=, tasks={...}}, ... },
-- where a turn of the chat takes the next of bodies={...} instead.

local requests, at = {}, 0

local function tasks_path(user)
  return "/api/" .. user.id .. "/tasks"
end

local kinds = {
  list_50 = function(user) return wrk.format("GET", tasks_path(user) .. "?limit=50", user.headers) end,
  list_1000 = function(user) return wrk.format("GET", tasks_path(user), user.headers) end,
  get = function(user, round)
    return wrk.format("GET", tasks_path(user) .. "/" .. user.tasks[round % #user.tasks + 1], user.headers)
  end,
  create = function(user, round)
    local body = string.format('{"title": "Buy the ticket no. %d", "description": "Two seats by the window"}', round)
    return wrk.format("POST", tasks_path(user), user.headers, body)
  end,
  toggle = function(user, round)
    return wrk.format("PATCH", tasks_path(user) .. "/" .. user.tasks[round % #user.tasks + 1] .. "/toggle", user.headers)
  end,
  turn = function(user, round)
    return wrk.format("POST", "/api/" .. user.id .. "/chat", user.headers, user.bodies[(round - 1) % #user.bodies + 1])
  end,
}

-- Mixed: of ten requests 60 % lists, 20 % reads, 10 % creates, 10 % toggles.
local mixes = {
  mixed = { "list_50", "get", "list_50", "list_50", "create", "list_50", "get", "list_50", "toggle", "list_50" },
  beside = { "list_50", "get", "list_50", "toggle", "get" },
}

-- Milliseconds between an answer and the connection's next request; elsewhere none.
local pauses = { beside = { 20, 60 } }

function init(args)
  local cast, scenario = dofile(args[1]), args[2]
  local pause = pauses[scenario]
  if pause then
    delay = function() return math.random(pause[1], pause[2]) end
  end
  local mix = mixes[scenario] or { scenario }
  local rounds = 20
  for round = 1, rounds do
    for place, user in ipairs(cast) do
      user.headers = { ["Authorization"] = "Bearer " .. user.token, ["Content-Type"] = "application/json" }
      local kind = mix[(round + place) % #mix + 1]
      requests[#requests + 1] = kinds[kind](user, round)
    end
  end
end

function request()
  at = at % #requests + 1
  return requests[at]
end

function done(summary, latency)
  io.write(string.format(
    '\nRESULT {"requests": %d, "microseconds": %d, "failed": %d, "broken": %d, "p50": %d, "p95": %d, "p99": %d}\n',
    summary.requests, summary.duration, summary.errors.status,
    summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout,
    latency:percentile(50), latency:percentile(95), latency:percentile(99)))
end
