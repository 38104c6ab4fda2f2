-- Creates users, no two alike.
--
-- Arguments: the path, and a file with the body, in which twelve `#` stand for a number of twelve
-- digits.

require("report")

local threads = 0
local pieces, first
local made = 0

function setup(thread)
  threads = threads + 1
  thread:set("number", threads)
end

-- The number is as long as what stands for it, so the length of the body is right already.
function init(arguments)
  local file = assert(io.open(arguments[2], "rb"))
  local body = file:read("*a")
  file:close()
  local template = wrk.format("POST", arguments[1], nil, body)
  pieces = {}
  for piece in (template .. "############"):gmatch("(.-)############") do
    pieces[#pieces + 1] = piece
  end
  first = 1000000000 + number * 10000000
end

function request()
  made = made + 1
  return table.concat(pieces, string.format("%012d", first + made))
end
