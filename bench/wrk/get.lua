-- Asks for end users by id, each time another one, chosen at random from a file.
--
-- Arguments: the file, which holds identifiers of 24 digits, one right after the other.

require("report")

local DIGITS = 24
local threads = 0
local identifiers, count, before, after

-- Threads with the same seed would ask for the same users at the same time, which flatters a cache.
function setup(thread)
  threads = threads + 1
  thread:set("seed", threads)
end

-- One string of all identifiers takes a fraction of the memory that a table of them would.
function init(arguments)
  local file = assert(io.open(arguments[1], "rb"))
  identifiers = file:read("*a")
  file:close()
  count = #identifiers / DIGITS
  math.randomseed(seed)
  before, after = wrk.format("GET", "/api/v2/end-users/{id}"):match("^(.-){id}(.*)$")
end

function request()
  local start = (math.random(count) - 1) * DIGITS
  return before .. identifiers:sub(start + 1, start + DIGITS) .. after
end
