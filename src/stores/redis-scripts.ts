/**
 * The scripts of the Redis store. One hash per subject holds two fields per session, named by the token's hash:
 *
 *     <hash>       revision nonces id createdAt authenticatedAt expiresAt idleMs ⏎ body
 *     <hash>:seen  lastSeenAt
 *
 * Every script works on this one key, so it is atomic on any Redis, Cluster included. Times are Redis' own, in
 * milliseconds. What needs memory comes first: when Redis is full, a script fails before it has changed anything,
 * and those that only remove still work. No shebang, since Redis 7 would then refuse them all when it is full.
 */
const prelude = `
local key = KEYS[1]
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local remembered = 16

local function parse(text, seen)
  if not text or not seen then return nil end
  local revision, nonces, id, created, authenticated, expires, idle, body =
    string.match(text, '^(%d+) (%S+) (%S+) (%d+) (%d+) (%d+) (%d+)\\n(.*)$')
  if not revision then return nil end
  return {
    revision = tonumber(revision), nonces = nonces, id = id, created = tonumber(created),
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
  return string.format('%.0f %s %s %.0f %.0f %.0f %.0f\\n%s',
    s.revision, s.nonces, s.id, s.created, s.authenticated, s.expires, s.idle, s.body)
end

local function store(hash, s)
  redis.call('HSET', key, hash, text(s), hash .. ':seen', string.format('%.0f', s.seen))
end

local function drop(hash) return redis.call('HDEL', key, hash, hash .. ':seen') end

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

-- The live sessions, oldest first; the dead are dropped. What cannot be read is left alone.
local function living()
  local flat, fields, alive = redis.call('HGETALL', key), {}, {}
  for i = 1, #flat, 2 do fields[flat[i]] = flat[i + 1] end
  for hash, value in pairs(fields) do
    local s = parse(value, fields[hash .. ':seen'])
    if s and ends(s) > now then
      s.hash = hash
      alive[#alive + 1] = s
    elseif s then
      drop(hash)
    end
  end
  table.sort(alive, function(a, b)
    if a.created == b.created then return a.hash < b.hash end
    return a.created < b.created
  end)
  return alive
end

-- The key lives exactly as long as its longest session.
local function keep()
  local longest = 0
  for _, s in ipairs(living()) do longest = math.max(longest, ends(s)) end
  if longest > 0 then redis.call('PEXPIRE', key, string.format('%.0f', longest - now)) end
end
`;

const bodies = {
  touch: `
local hash = ARGV[1]
local s = load(hash)
if not s or ends(s) <= now then return 0 end
redis.call('HSET', key, hash .. ':seen', string.format('%.0f', now))
keep()
return 1
`,
  start: `
local hash, nonce, id, body, idle, lifetime, max, full, old_hash, old_revision = unpack(ARGV)
local taken = load(hash)
if taken then
  if knows(taken, nonce) then return answer('done', taken) end
  return { 'taken' }
end
local old = old_hash ~= '' and load(old_hash)
if old_revision ~= '' and not (old and old.revision == tonumber(old_revision)) then return { 'conflict' } end
local siblings = {}
for _, s in ipairs(living()) do
  if s.hash ~= old_hash then siblings[#siblings + 1] = s end
end
local surplus = #siblings + 1 - tonumber(max)
if surplus > 0 and full == 'refuse' then return { 'full' } end
local s = {
  revision = 1, nonces = nonce, id = id, created = now, authenticated = now, expires = now + tonumber(lifetime),
  idle = tonumber(idle), body = body, seen = now
}
store(hash, s)
if old_hash ~= '' then drop(old_hash) end
for i = 1, surplus do drop(siblings[i].hash) end
keep()
return answer('done', s)
`,
  replace: `
local hash, nonce, revision, body = unpack(ARGV)
local s = load(hash)
if not s or ends(s) <= now then return { 'gone' } end
if knows(s, nonce) then return answer('done', s) end
if s.revision ~= tonumber(revision) then return answer('conflict', s) end
count_up(s, nonce)
s.body = body
store(hash, s)
if redis.call('PTTL', key) < 0 then keep() end
return answer('done', s)
`,
  regenerate: `
local hash, new_hash, nonce, renew = unpack(ARGV)
local taken = load(new_hash)
if taken then
  if knows(taken, nonce) then return answer('done', taken) end
  return { 'taken' }
end
local s = load(hash)
if not s or ends(s) <= now then return { 'gone' } end
count_up(s, nonce)
if renew ~= '' then
  s.authenticated, s.seen, s.expires = now, now, now + tonumber(renew)
end
store(new_hash, s)
drop(hash)
keep()
return answer('done', s)
`,
  destroy: `
local hash, revision = unpack(ARGV)
local s = load(hash)
if s and revision ~= '' and s.revision ~= tonumber(revision) then return -1 end
if drop(hash) > 0 then return 1 end
return 0
`,
  list: `
local rows = {}
for _, s in ipairs(living()) do rows[#rows + 1] = { text(s), string.format('%.0f', s.seen) } end
return rows
`,
  revoke: `
local which, id = unpack(ARGV)
local ended = 0
for _, s in ipairs(living()) do
  if which == 'all' or (which == 'id') == (s.id == id) then
    drop(s.hash)
    ended = ended + 1
  end
end
if which == 'all' then redis.call('DEL', key) end
return ended
`,
} as const;

export type ScriptName = keyof typeof bodies;

export const scripts: Readonly<Record<ScriptName, string>> = Object.fromEntries(
  Object.entries(bodies).map(([name, body]) => [name, prelude + body]),
) as Record<ScriptName, string>;
