-- Of a hundred requests 80 get an end user by id, 10 list a hundred from anywhere, 5 create an end
-- user, and 5 change one.
--
-- Arguments: those of create.lua, and the file of get.lua.

require("report")
local users = require("users")
local identifier, get, list, body, create, patch

function init(arguments)
  math.randomseed(number)
  identifier = users.identifiers(arguments[4])
  get = users.at("GET", "/api/v2/end-users/{}")
  list = users.at("GET", "/api/v2/end-users/?limit=100&cursor={}")
  body = users.bodies(arguments[1], arguments[2], arguments[3] .. number)
  create = users.sending("POST", "/api/v2/end-users/")
  patch = users.sending("PATCH", "/api/v2/end-users/{}")
end

function request()
  local kind = math.random(100)
  if kind <= 80 then
    return get(identifier())
  elseif kind <= 90 then
    return list(identifier())
  elseif kind <= 95 then
    return create(body())
  end
  return patch('{"profile":{"metadata":{"seats":' .. kind .. math.random(1000) .. "}}}", identifier())
end
