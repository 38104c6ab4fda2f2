-- The requests for single end users that the other scripts are made of.

local users = {}

local DIGITS = 24

local function read(path)
  local file = assert(io.open(path, "rb"))
  local content = file:read("*a")
  file:close()
  return content
end

-- A function that picks an identifier at random from a file that holds them one right after the
-- other. One string of all takes a fraction of the memory that a table of them would.
function users.identifiers(path)
  local identifiers = read(path)
  local count = #identifiers / DIGITS
  return function()
    local start = (math.random(count) - 1) * DIGITS
    return identifiers:sub(start + 1, start + DIGITS)
  end
end

-- A function that puts what it is given into the place of `{}` in a path.
function users.at(method, path)
  local before, after = wrk.format(method, path):match("^(.-){}(.*)$")
  return function(text)
    return before .. text .. after
  end
end

-- A function that sends a body. wrk.format would arrange the headers anew each time.
function users.sending(method, path)
  local head = wrk.format(method, path, nil, "x"):match("^(.*)x$")
  local before, after = head:match("^(.-Content%-Length: )1(.*)$")
  return function(body, identifier)
    local request = before .. #body .. after .. body
    return identifier and request:gsub("{}", identifier, 1) or request
  end
end

-- A function that makes the body of an end user who is not like any other, after a template and
-- lists of names. `tag` begins the user's number.
function users.bodies(template, names, tag)
  local lists = {}
  for line in read(names):gmatch("[^\n]+") do
    local list = {}
    for name in line:gmatch("%S+") do
      list[#list + 1] = name
    end
    lists[#lists + 1] = list
  end
  local pieces, slots = {}, {}
  local text = read(template):gsub("############", "{number}")
  for piece, slot in (text .. "{}"):gmatch("(.-){(%l*)}") do
    pieces[#pieces + 1] = piece
    slots[#pieces] = slot
    pieces[#pieces + 1] = ""
  end
  local made = 0
  return function()
    made = made + 1
    local first = lists[1][math.random(#lists[1])]
    local last = lists[2][math.random(#lists[2])]
    local values = {
      first = first,
      last = last,
      mail = (first .. "." .. last):lower(),
      number = string.format("%s%06d", tag, made),
      [""] = "",
    }
    for at, slot in pairs(slots) do
      pieces[at + 1] = values[slot]
    end
    return table.concat(pieces)
  end
end

-- Sets threads apart from each other, in `number` and their random numbers: threads with the same
-- seed would ask for the same users at the same time, which flatters a cache.
local threads = 0
function setup(thread)
  threads = threads + 1
  thread:set("number", threads)
end

return users
