-- Asks for users by number, each time another one, chosen at random.
--
-- Arguments: the path, in which `{id}` stands for the number, and how many users there are.

require("report")

local threads = 0
local count, before, after

-- Threads with the same seed would ask for the same users at the same time, which flatters a cache.
function setup(thread)
  threads = threads + 1
  thread:set("seed", threads)
end

function init(arguments)
  count = tonumber(arguments[2])
  math.randomseed(seed)
  before, after = wrk.format("GET", arguments[1]):match("^(.-){id}(.*)$")
end

function request()
  return before .. math.random(count) .. after
end
