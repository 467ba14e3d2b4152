-- Runs in Envoy, on what the API server sends through a tunnel (exec, attach, port-forward, a watch or log as a WebSocket). To Envoy a tunnel
-- that is over and an API server that died look the same: the connection is closed. Kubernetes says farewell in its frames, so their heads are
-- read, and what an exec came to. Nothing is changed or held up, and of what goes through nothing is kept but that last word.
--
-- Writes metadata of the stream (namespace leasegate.tunnel), which the access log brings to the tap:
--   closed  true: the API server closed the tunnel, in the words of the protocol
--   status  text: the Status that an exec or attach ends with, not trusted here

local NAMESPACE = 'leasegate.tunnel'
-- A Status is some hundred bytes; the message of one may be longer.
local LONGEST_STATUS = 8192

-- Both readers: how many bytes of a head are wanted; once they are there, how long the rest of the frame is, and what it is.

-- RFC 6455, 5.2. With the first byte of the payload, which is the channel. A server masks nothing and has no extensions.
local function websocket(head, channels)
  if #head < 2 then return 2 end
  local first, second = head:byte(1, 2)
  local opcode, length, size = first % 16, second, 2
  if second > 127 or math.floor(first / 16) % 8 ~= 0 then return nil end
  if first == 0x88 then return 2, length, 'closed' end
  if second == 126 then size = 4 elseif second == 127 then size = 10 end
  if #head < size then return size end
  if size > 2 then length = 0 end
  for at = 3, size do length = length * 256 + head:byte(at) end
  if not channels or length == 0 or (opcode ~= 1 and opcode ~= 2) then return size, length end
  if #head < size + 1 then return size + 1 end
  local is_status = head:byte(size + 1) == 3 and length <= LONGEST_STATUS
  return size + 1, length - 1, is_status and 'status' or nil
end

-- SPDY/3, 2.2: a control frame has the first bit; 7 is GOAWAY.
local function spdy(head)
  if #head < 8 then return 8 end
  local first, _, _, kind, _, high, middle, low = head:byte(1, 8)
  local is_farewell = first == 128 and kind == 7
  return 8, (high * 256 + middle) * 256 + low, is_farewell and 'closed' or nil
end

-- By what the stream has now: nothing that Envoy hands out outlives the wait for the next bytes.
local function tell(handle, key, value)
  handle:streamInfo():dynamicMetadata():set(NAMESPACE, key, value)
end

function envoy_on_response(handle)
  local headers = handle:headers()
  if headers:get(':status') ~= '101' then return end
  local read = (headers:get('upgrade') or ''):lower() == 'websocket' and websocket or spdy
  local protocol = headers:get('sec-websocket-protocol')
  local channels = protocol == 'v5.channel.k8s.io' or protocol == 'v4.channel.k8s.io'
  local head, wanted, rest, status = '', read('', channels), 0, nil
  for chunk in handle:bodyChunks() do
    local at, size = 0, chunk:length()
    while at < size do
      local length = math.min(rest > 0 and rest or wanted - #head, size - at)
      if rest > 0 then
        rest = rest - length
        if status then status = status .. chunk:getBytes(at, length) end
      else
        local what
        head = head .. chunk:getBytes(at, length)
        wanted, rest, what = read(head, channels)
        if wanted == nil then return end
        if what == 'closed' then return tell(handle, 'closed', true) end
        -- An empty Status is none: what comes next is another frame's.
        status = what == 'status' and rest > 0 and '' or nil
        if rest ~= nil then head, wanted = '', read('', channels) else rest = 0 end
      end
      if status and rest == 0 and status ~= '' then
        tell(handle, 'status', (status:gsub('[^\32-\126]', '?')))
        status = nil
      end
      at = at + length
    end
  end
end
