-- Changes end users, each time another one, chosen at random from a file.
--
-- Arguments: the file, which holds identifiers of 24 digits, one right after the other.

require("report")

local DIGITS = 24
local identifiers, count
local made = 0

function init(arguments)
  local file = assert(io.open(arguments[1], "rb"))
  identifiers = file:read("*a")
  file:close()
  count = #identifiers / DIGITS
  math.randomseed(1)
end

function request()
  made = made + 1
  local start = (math.random(count) - 1) * DIGITS
  local path = "/api/v2/end-users/" .. identifiers:sub(start + 1, start + DIGITS)
  return wrk.format("PATCH", path, nil, '{"profile":{"metadata":{"seats":' .. made .. "}}}")
end
