/**
 * Lua 5.4, which Dragonfly runs, has this function in `table` only. There, even testing a global that does not exist is an
 * error, so `table` comes first.
 */
export const unpackFunction = 'local unpack = table.unpack or unpack';

/**
 * The start of every script of the Redis store. All sessions of one user are in one hash. Each session has two fields,
 * named after the hash of its token, and a third one after a regeneration. A session that was ended leaves one:
 *
 *     <hash>           hash revision id previous createdAt authenticatedAt lastSeenAt expiresAt idleMs nonces ⏎ summary
 *     <hash>:body      body
 *     <previous hash>  moved <hash>
 *     <ended hash>     ended <reason>
 *     :endings         <ended hash> <until> <ended hash> <until> …
 *
 * `previous` is the hash before the last regeneration, or `-`. `nonces` are the last 16, newest first, with commas
 * between. The marker `moved` leads a late sign-out to the session. It is removed with the session, and when the session
 * moves again. `:endings` are the hashes of the markers `ended`, newest first, and until when each is kept.
 *
 * - Every script uses this one key, so it is atomic on every Redis, including Cluster.
 * - Only `list`, `revoke` and a `start` that may exceed the limit read other sessions, and never their bodies. So the
 *   other calls take as long for a user with 1,000 sessions as for a user with one.
 * - Each reply begins with the hash or key that the call was for, so that a reply to another call is noticed.
 * - Times are in milliseconds on the clock of Redis.
 * - Writes that need memory come first. If memory is full, a script fails before it has changed anything, and scripts
 *   that only remove still work.
 * - There is no shebang: with one, Redis 7 refuses the whole script when memory is full.
 */
export const prelude = `
${unpackFunction}
local key = KEYS[1]
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local max_nonces, max_arguments = 16, 4000

-- Returns nil for text that this store did not write at this hash.
local function decode(text, hash)
  if not text then return nil end
  local own_hash, revision, id, previous, created, authenticated, seen, expires, idle, nonces, summary =
    string.match(text, '^(%S+) (%d+) (%S+) (%S+) (%d+) (%d+) (%d+) (%d+) (%d+) (%S+)\\n(.*)$')
  if own_hash ~= hash then return nil end
  return {
    hash = hash, revision = tonumber(revision), id = id, previous = previous, created = tonumber(created),
    authenticated = tonumber(authenticated), seen = tonumber(seen), expires = tonumber(expires),
    idle = tonumber(idle), nonces = nonces, summary = summary
  }
end

local function encode(session)
  -- The summary is appended, because string.format ends a short text at a zero byte.
  return string.format('%s %.0f %s %s %.0f %.0f %.0f %.0f %.0f %s\\n', session.hash, session.revision, session.id,
    session.previous, session.created, session.authenticated, session.seen, session.expires, session.idle,
    session.nonces) .. session.summary
end

-- Returns the session at this hash, and whether the reason of an ended one is there.
local function find_session(hash)
  local text = redis.call('HGET', key, hash)
  return decode(text, hash), text and string.sub(text, 1, 6) == 'ended '
end

local function ends_at(session) return math.min(session.seen + session.idle, session.expires) end

local function is_live(session) return ends_at(session) > now end

-- Returns the session at this hash, or the live one that was moved from there by its last regeneration.
local function find_moved_session(hash)
  local text = redis.call('HGET', key, hash)
  local new_hash = text and string.match(text, '^moved (%S+)$')
  if not new_hash then return decode(text, hash) end
  local moved = find_session(new_hash)
  return moved and is_live(moved) and moved or nil
end

local function is_marker(hash, target)
  return hash ~= '-' and redis.call('HGET', key, hash) == 'moved ' .. target
end

-- Keeps the key for as long as this session may live. It is never kept for a shorter time than before. The two
-- milliseconds are what TIME and PTTL may differ by.
local function keep_key(session)
  local left = ends_at(session) - now
  if redis.call('PTTL', key) < left - 2 then redis.call('PEXPIRE', key, string.format('%.0f', left)) end
end

local function write_header(session)
  redis.call('HSET', key, session.hash, encode(session))
  keep_key(session)
end

local function write_session(session, body)
  redis.call('HSET', key, session.hash, encode(session), session.hash .. ':body', body)
  keep_key(session)
end

local function to_result(status, session, body) return { session.hash, status, encode(session), body } end

local function read_body(session) return redis.call('HGET', key, session.hash .. ':body') or '' end

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
`;
