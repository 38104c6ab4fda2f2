-- Changes end users, each time another one, chosen at random from a file.
--
-- Argument: the file, which holds identifiers of 24 digits, one right after the other.

require("report")
local users = require("users")
local identifier, send
local made = 0

function init(arguments)
  math.randomseed(number)
  identifier = users.identifiers(arguments[1])
  send = users.sending("PATCH", "/api/v2/end-users/{}")
end

function request()
  made = made + 1
  return send('{"profile":{"metadata":{"seats":' .. made .. "}}}", identifier())
end
