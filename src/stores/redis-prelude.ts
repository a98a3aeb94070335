/**
 * The start of every script of the Redis store. All sessions of one user are in one hash. Each session has two fields,
 * named after the hash of its token:
 *
 *     <hash>       revision nonces id previous createdAt authenticatedAt expiresAt idleMs ⏎ body
 *     <hash>:seen  lastSeenAt
 *
 * `previous` is the hash before the last regeneration, or `-`. `nonces` are the last 16, newest first, with commas
 * between.
 *
 * - Every script uses this one key, so it is atomic on every Redis, including Cluster.
 * - Times are in milliseconds on the clock of Redis.
 * - Writes that need memory come first. If memory is full, a script fails before it has changed anything, and scripts
 *   that only remove still work.
 * - There is no shebang: with one, Redis 7 refuses the whole script when memory is full.
 */
export const prelude = `
local key = KEYS[1]
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local max_nonces = 16

-- Returns nil for text that this store did not write.
local function decode(text, seen)
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

local function encode(session)
  -- The body is appended, because string.format ends a short text at a zero byte.
  return string.format('%.0f %s %s %s %.0f %.0f %.0f %.0f\\n', session.revision, session.nonces, session.id,
    session.previous, session.created, session.authenticated, session.expires, session.idle) .. session.body
end

local function format_ms(ms) return string.format('%.0f', ms) end

local function find_session(hash)
  local fields = redis.call('HMGET', key, hash, hash .. ':seen')
  return decode(fields[1], fields[2])
end

local function write_session(hash, session)
  redis.call('HSET', key, hash, encode(session), hash .. ':seen', format_ms(session.seen))
end

local function remove_sessions(hashes)
  local fields = {}
  for _, hash in ipairs(hashes) do
    fields[#fields + 1] = hash
    fields[#fields + 1] = hash .. ':seen'
  end
  if #fields > 0 then redis.call('HDEL', key, unpack(fields)) end
end

local function ends_at(session) return math.min(session.seen + session.idle, session.expires) end

local function is_live(session) return ends_at(session) > now end

local function to_result(status, session) return { status, encode(session), format_ms(session.seen) } end

local function has_nonce(session, nonce)
  return string.find(',' .. session.nonces .. ',', ',' .. nonce .. ',', 1, true)
end

local function add_revision(session, nonce)
  local nonces, n = nonce, 1
  for earlier in string.gmatch(session.nonces, '[^,]+') do
    if n < max_nonces then nonces = nonces .. ',' .. earlier end
    n = n + 1
  end
  session.revision, session.nonces = session.revision + 1, nonces
end

-- Returns the live sessions, unordered, and the hashes of the expired ones. Unreadable fields are ignored and stay.
local function list_sessions()
  local flat, fields, live, expired = redis.call('HGETALL', key), {}, {}, {}
  for i = 1, #flat, 2 do fields[flat[i]] = flat[i + 1] end
  for hash, text in pairs(fields) do
    local session = decode(text, fields[hash .. ':seen'])
    if session and is_live(session) then
      session.hash = hash
      live[#live + 1] = session
    elseif session then
      expired[#expired + 1] = hash
    end
  end
  return live, expired
end

local function without(sessions, hash)
  local others = {}
  for _, session in ipairs(sessions) do
    if session.hash ~= hash then others[#others + 1] = session end
  end
  return others
end

-- Returns the current hash of a session: this one, or the one that it was moved to by its last regeneration.
local function find_current_hash(live, hash)
  if redis.call('HEXISTS', key, hash) == 1 then return hash end
  for _, session in ipairs(live) do
    if session.previous == hash then return session.hash end
  end
  return nil
end

local function sort_oldest_first(sessions)
  table.sort(sessions, function(a, b)
    if a.created == b.created then return a.hash < b.hash end
    return a.created < b.created
  end)
  return sessions
end

-- Makes the key expire with the longest-lived of the kept sessions, and removes the others. This must be the last step
-- of a script: removing the last field removes the key, and while its slot migrates, Redis Cluster then rejects
-- commands on it.
local function finish(kept, removed_hashes)
  local last_end = 0
  for _, session in ipairs(kept) do last_end = math.max(last_end, ends_at(session)) end
  if last_end > 0 then redis.call('PEXPIRE', key, format_ms(last_end - now)) end
  remove_sessions(removed_hashes)
end
`;
