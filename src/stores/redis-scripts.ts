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
  -- The body stays out of format, which ends a short text at a zero byte.
  return string.format('%.0f %s %s %.0f %.0f %.0f %.0f\\n',
    s.revision, s.nonces, s.id, s.created, s.authenticated, s.expires, s.idle) .. s.body
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

const bodies = {
  touch: `
local hash = ARGV[1]
local s = load(hash)
if not s or ends(s) <= now then return 0 end
redis.call('HSET', key, hash .. ':seen', string.format('%.0f', now))
settle(survey())
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
local alive, leaving = survey()
local staying = without(alive, old_hash)
local surplus = #staying + 1 - tonumber(max)
if surplus > 0 and full == 'refuse' then return { 'full' } end
local s = {
  revision = 1, nonces = nonce, id = id, created = now, authenticated = now, expires = now + tonumber(lifetime),
  idle = tonumber(idle), body = body, seen = now
}
store(hash, s)
if old_hash ~= '' then leaving[#leaving + 1] = old_hash end
if surplus > 0 then oldest_first(staying) end
for _ = 1, surplus do leaving[#leaving + 1] = table.remove(staying, 1).hash end
staying[#staying + 1] = s
settle(staying, leaving)
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
if redis.call('PTTL', key) < 0 then settle(survey()) end
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
local alive, leaving = survey()
leaving[#leaving + 1] = hash
settle(without(alive, hash), leaving)
return answer('done', s)
`,
  destroy: `
local hash, revision = unpack(ARGV)
local s = load(hash)
if s and revision ~= '' and s.revision ~= tonumber(revision) then return -1 end
if redis.call('HEXISTS', key, hash) == 0 then return 0 end
local alive, leaving = survey()
leaving[#leaving + 1] = hash
settle(without(alive, hash), leaving)
return 1
`,
  list: `
local alive, dead = survey()
drop(dead)
local rows = {}
for _, s in ipairs(oldest_first(alive)) do rows[#rows + 1] = { text(s), string.format('%.0f', s.seen) } end
return rows
`,
  revoke: `
local which, id = unpack(ARGV)
local alive, leaving = survey()
local staying, ended = {}, 0
for _, s in ipairs(alive) do
  if which == 'all' or (which == 'id') == (s.id == id) then
    leaving[#leaving + 1] = s.hash
    ended = ended + 1
  else
    staying[#staying + 1] = s
  end
end
if which == 'all' then redis.call('DEL', key) else settle(staying, leaving) end
return ended
`,
} as const;

export type ScriptName = keyof typeof bodies;

export const scripts: Readonly<Record<ScriptName, string>> = Object.fromEntries(
  Object.entries(bodies).map(([name, body]) => [name, prelude + body]),
) as Record<ScriptName, string>;
