-- Asks for end users by id, each time another one, chosen at random from a file.
--
-- Argument: the file, which holds identifiers of 24 digits, one right after the other.

require("report")
local users = require("users")
local identifier, get

function init(arguments)
  math.randomseed(number)
  identifier = users.identifiers(arguments[1])
  get = users.at("GET", "/api/v2/end-users/{}")
end

function request()
  return get(identifier())
end
