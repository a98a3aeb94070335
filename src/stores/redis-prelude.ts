/**
 * What every script of the Redis store begins with. One hash per subject holds two fields per session, named by the
 * token's hash:
 *
 *     <hash>       revision nonces id previous createdAt authenticatedAt expiresAt idleMs ⏎ body
 *     <hash>:seen  lastSeenAt
 *
 * `previous` is the hash before the last regeneration, `-` where there was none.
 *
 * Every script works on this one key, so it is atomic on any Redis, Cluster included. Times are Redis' own, in
 * milliseconds. What needs memory comes first: when Redis is full, a script fails before it has changed anything,
 * and those that only remove still work. No shebang, since Redis 7 would then refuse them all when it is full.
 */
export const prelude = `
local key = KEYS[1]
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local remembered = 16

local function parse(text, seen)
  if not text or not seen then return nil end
  local revision, nonces, id, previous, created, authenticated, expires, idle, body =
    string.match(text, '^(%d+) (%S+) (%S+) (%S+) (%d+) (%d+) (%d+) (%d+)\\n(.*)$')
  if not revision then return nil end
  return {
    revision = tonumber(revision), nonces = nonces, id = id, previous = previous, created = tonumber(created),
    authenticated = tonumber(authenticated), expires = tonumber(expires), idle = tonumber(idle),
    body = body, seen = tonumber(seen)
  }
end

local function load(hash)
  local fields = redis.call('HMGET', key, hash, hash .. ':seen')
  return parse(fields[1], fields[2])
end

local function ends(s) return math.min(s.seen + s.idle, s.expires) end

local function text(s)
  -- The body stays out of format, which ends a short text at a zero byte.
  return string.format('%.0f %s %s %s %.0f %.0f %.0f %.0f\\n',
    s.revision, s.nonces, s.id, s.previous, s.created, s.authenticated, s.expires, s.idle) .. s.body
end

local function store(hash, s)
  redis.call('HSET', key, hash, text(s), hash .. ':seen', string.format('%.0f', s.seen))
end

local function drop(hashes)
  local fields = {}
  for _, hash in ipairs(hashes) do
    fields[#fields + 1] = hash
    fields[#fields + 1] = hash .. ':seen'
  end
  if #fields > 0 then redis.call('HDEL', key, unpack(fields)) end
end

local function answer(status, s) return { status, text(s), string.format('%.0f', s.seen) } end

local function knows(s, nonce) return string.find(',' .. s.nonces .. ',', ',' .. nonce .. ',', 1, true) end

local function count_up(s, nonce)
  local kept, n = nonce, 1
  for earlier in string.gmatch(s.nonces, '[^,]+') do
    if n < remembered then kept = kept .. ',' .. earlier end
    n = n + 1
  end
  s.revision, s.nonces = s.revision + 1, kept
end

-- The live sessions, in no order, and the hashes of the dead. What cannot be read is left alone.
local function survey()
  local flat, fields, alive, dead = redis.call('HGETALL', key), {}, {}, {}
  for i = 1, #flat, 2 do fields[flat[i]] = flat[i + 1] end
  for hash, value in pairs(fields) do
    local s = parse(value, fields[hash .. ':seen'])
    if s and ends(s) > now then
      s.hash = hash
      alive[#alive + 1] = s
    elseif s then
      dead[#dead + 1] = hash
    end
  end
  return alive, dead
end

local function without(sessions, hash)
  local others = {}
  for _, s in ipairs(sessions) do
    if s.hash ~= hash then others[#others + 1] = s end
  end
  return others
end

-- The hash that a session lies at now: this one, or the one it was last moved to. Nil where there is none.
local function whereabouts(alive, hash)
  if redis.call('HEXISTS', key, hash) == 1 then return hash end
  for _, s in ipairs(alive) do
    if s.previous == hash then return s.hash end
  end
  return nil
end

local function oldest_first(sessions)
  table.sort(sessions, function(a, b)
    if a.created == b.created then return a.hash < b.hash end
    return a.created < b.created
  end)
  return sessions
end

-- Has the key live exactly as long as the longest of those that stay, and drops those that leave. Always a script's
-- last step: a key goes with its last field, and while its slot migrates Redis Cluster then refuses to be asked for it.
local function settle(staying, leaving)
  local longest = 0
  for _, s in ipairs(staying) do longest = math.max(longest, ends(s)) end
  if longest > 0 then redis.call('PEXPIRE', key, string.format('%.0f', longest - now)) end
  drop(leaving)
end
`;
