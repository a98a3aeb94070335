import { prelude } from './redis-prelude.ts';

/** The scripts, without the prelude. A script with several outcomes returns a status first. */
const bodies = {
  touch: `
local hash = ARGV[1]
local session = find_session(hash)
if not session then return 0 end
local was_live = is_live(session)
if was_live then redis.call('HSET', key, hash .. ':seen', format_ms(now)) end
finish(list_sessions())
return was_live and 1 or 0
`,
  start: `
local hash, nonce, id, body, idle, lifetime, max, when_full, old_hash, old_revision = unpack(ARGV)
local existing = find_session(hash)
if existing then
  if has_nonce(existing, nonce) then return to_result('done', existing) end
  return { 'taken' }
end
local live, removed = list_sessions()
local current_hash = old_hash ~= '' and find_current_hash(live, old_hash)
local old = current_hash and find_session(current_hash)
if old_revision ~= '' and not (old and old.revision == tonumber(old_revision)) then return { 'conflict' } end
local siblings = without(live, current_hash)
local surplus = #siblings + 1 - tonumber(max)
if surplus > 0 and when_full == 'refuse' then return { 'full' } end
local session = {
  revision = 1, nonces = nonce, id = id, previous = '-', created = now, authenticated = now,
  expires = now + tonumber(lifetime), idle = tonumber(idle), body = body, seen = now
}
write_session(hash, session)
if current_hash then removed[#removed + 1] = current_hash end
if surplus > 0 then sort_oldest_first(siblings) end
local kept = { session }
for i, sibling in ipairs(siblings) do
  if i <= surplus then removed[#removed + 1] = sibling.hash else kept[#kept + 1] = sibling end
end
finish(kept, removed)
return to_result('done', session)
`,
  replace: `
local hash, nonce, revision, body = unpack(ARGV)
local session = find_session(hash)
if not session or not is_live(session) then return { 'not-found' } end
if has_nonce(session, nonce) then return to_result('done', session) end
if session.revision ~= tonumber(revision) then return to_result('conflict', session) end
add_revision(session, nonce)
session.body = body
write_session(hash, session)
if redis.call('PTTL', key) < 0 then finish(list_sessions()) end
return to_result('done', session)
`,
  regenerate: `
local hash, new_hash, nonce, renew = unpack(ARGV)
local existing = find_session(new_hash)
if existing then
  if has_nonce(existing, nonce) then return to_result('done', existing) end
  return { 'taken' }
end
local session = find_session(hash)
if not session or not is_live(session) or has_nonce(session, nonce) then return { 'not-found' } end
add_revision(session, nonce)
session.previous = hash
if renew ~= '' then
  session.authenticated, session.seen, session.expires = now, now, now + tonumber(renew)
end
write_session(new_hash, session)
local live, removed = list_sessions()
removed[#removed + 1] = hash
finish(without(live, hash), removed)
return to_result('done', session)
`,
  destroy: `
local hash, revision = unpack(ARGV)
local live, removed = list_sessions()
local current_hash = find_current_hash(live, hash)
if not current_hash then return { 'not-found' } end
local session = find_session(current_hash)
if session and revision ~= '' and session.revision ~= tonumber(revision) then return { 'conflict' } end
removed[#removed + 1] = current_hash
finish(without(live, current_hash), removed)
return { 'done' }
`,
  list: `
local live, expired = list_sessions()
remove_sessions(expired)
local rows = {}
for _, session in ipairs(sort_oldest_first(live)) do rows[#rows + 1] = { encode(session), format_ms(session.seen) } end
return rows
`,
  revoke: `
local which, id = unpack(ARGV)
local live, removed = list_sessions()
local kept, count = {}, 0
for _, session in ipairs(live) do
  if which == 'all' or (which == 'id') == (session.id == id) then
    removed[#removed + 1] = session.hash
    count = count + 1
  else
    kept[#kept + 1] = session
  end
end
if which == 'all' then redis.call('DEL', key) else finish(kept, removed) end
return count
`,
} as const;

/**
 * Tries every command of the other scripts once, on an empty key, and removes what it wrote. If Redis refuses one, the
 * error names it. The write that needs memory comes before the other writes.
 */
const ping = `
local key, field = KEYS[1], 'ping'
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

export type ScriptName = keyof typeof bodies | 'ping';

/** The complete text of every script. */
export const scripts = {
  ...Object.fromEntries(Object.entries(bodies).map(([name, body]) => [name, prelude + body])),
  ping,
} as Readonly<Record<ScriptName, string>>;
