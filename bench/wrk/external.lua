-- Asks for end users by external id, each time another one, chosen at random.
--
-- Arguments: among how many users to choose, and how far apart their numbers are.

require("report")
local users = require("users")
local count, step, get

function init(arguments)
  math.randomseed(number)
  count, step = tonumber(arguments[1]), tonumber(arguments[2])
  get = users.at("GET", "/api/v2/end-users/?external_id=customer-{}")
end

function request()
  return get(string.format("%012d", (math.random(count) - 1) * step))
end
