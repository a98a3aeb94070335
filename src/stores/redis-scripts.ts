import { prelude } from './redis-prelude.ts';

/** What each script does, after the prelude. Answers begin with a status where there is more than one. */
const bodies = {
  touch: `
local hash = ARGV[1]
local s = load(hash)
if not s then return 0 end
local lives = ends(s) > now
if lives then redis.call('HSET', key, hash .. ':seen', string.format('%.0f', now)) end
settle(survey())
return lives and 1 or 0
`,
  start: `
local hash, nonce, id, body, idle, lifetime, max, full, old_hash, old_revision = unpack(ARGV)
local taken = load(hash)
if taken then
  if knows(taken, nonce) then return answer('done', taken) end
  return { 'taken' }
end
local alive, leaving = survey()
local old_place = old_hash ~= '' and whereabouts(alive, old_hash)
local old = old_place and load(old_place)
if old_revision ~= '' and not (old and old.revision == tonumber(old_revision)) then return { 'conflict' } end
local siblings = without(alive, old_place)
local surplus = #siblings + 1 - tonumber(max)
if surplus > 0 and full == 'refuse' then return { 'full' } end
local s = {
  revision = 1, nonces = nonce, id = id, previous = '-', created = now, authenticated = now,
  expires = now + tonumber(lifetime), idle = tonumber(idle), body = body, seen = now
}
store(hash, s)
if old_place then leaving[#leaving + 1] = old_place end
if surplus > 0 then oldest_first(siblings) end
local staying = { s }
for i, sibling in ipairs(siblings) do
  if i <= surplus then leaving[#leaving + 1] = sibling.hash else staying[#staying + 1] = sibling end
end
settle(staying, leaving)
return answer('done', s)
`,
  replace: `
local hash, nonce, revision, body = unpack(ARGV)
local s = load(hash)
if not s or ends(s) <= now then return { 'not-found' } end
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
if not s or ends(s) <= now or knows(s, nonce) then return { 'not-found' } end
count_up(s, nonce)
s.previous = hash
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
local alive, leaving = survey()
local place = whereabouts(alive, hash)
if not place then return { 'not-found' } end
local s = load(place)
if s and revision ~= '' and s.revision ~= tonumber(revision) then return { 'conflict' } end
leaving[#leaving + 1] = place
settle(without(alive, place), leaving)
return { 'done' }
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

/**
 * Whatever the others run, once, on a key that nothing lies under; what is refused is named. The write that needs memory
 * comes before other writes.
 */
const rehearse = `
local key, field = KEYS[1], 'rehearsal'
local steps = {
  { 'TIME' }, { 'HMGET', key, field }, { 'HGETALL', key }, { 'HEXISTS', key, field }, { 'PTTL', key },
  { 'HSET', key, field, '' }, { 'PEXPIRE', key, 1000 }, { 'HDEL', key, field }, { 'DEL', key }
}
for _, step in ipairs(steps) do
  local reply = redis.pcall(unpack(step))
  if type(reply) == 'table' and reply.err then
    for _, undo in ipairs({ { 'DEL', key }, { 'HDEL', key, field }, { 'PEXPIRE', key, 1 } }) do redis.pcall(unpack(undo)) end
    return redis.error_reply(step[1] .. ': ' .. reply.err)
  end
end
return 1
`;

export type ScriptName = keyof typeof bodies | 'rehearse';

export const scripts = {
  ...Object.fromEntries(Object.entries(bodies).map(([name, body]) => [name, prelude + body])),
  rehearse,
} as Readonly<Record<ScriptName, string>>;
