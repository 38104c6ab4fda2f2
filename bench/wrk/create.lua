-- Creates end users, no two alike.
--
-- Arguments: a file with a template of the body, a file with names, and what sets the users of this
-- run apart from those of others.

require("report")
local users = require("users")
local body, send

function init(arguments)
  math.randomseed(number)
  body = users.bodies(arguments[1], arguments[2], arguments[3] .. number)
  send = users.sending("POST", "/api/v2/end-users/")
end

function request()
  return send(body())
end
