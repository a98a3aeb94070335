import { prelude, unpackFunction } from './redis-prelude.ts';
import { removalFunctions } from './redis-removals.ts';

/** The scripts, without the prelude. A script with several outcomes returns a status after the hash. */
const bodies = {
  touch: `
local hash = ARGV[1]
local session = find_session(hash)
if session and is_live(session) then
  session.seen = now
  write_header(session)
  return { hash, 1 }
end
if session then remove_sessions({ session }) end
return { hash, 0 }
`,
  start: `
local hash, nonce, id, summary, body, idle, lifetime, max, when_full, old_hash, old_revision = unpack(ARGV)
local existing, has_ended = find_session(hash)
if existing and has_nonce(existing, nonce) then return to_result('done', existing, read_body(existing)) end
if existing or has_ended then return { hash, 'taken' } end
local old = old_hash ~= '' and find_moved_session(old_hash)
if old_revision ~= '' and not (old and old.revision == tonumber(old_revision)) then return { hash, 'conflict' } end
local session = {
  hash = hash, revision = 1, id = id, previous = '-', created = now, authenticated = now, seen = now,
  expires = now + tonumber(lifetime), idle = tonumber(idle), nonces = nonce, summary = summary
}
-- Each session has two fields at least, so below this number there is room for another one.
if redis.call('HLEN', key) < 2 * tonumber(max) then
  write_session(session, body)
  if old then remove_sessions({ set_ended(old, 'replaced') }) end
  return to_result('done', session)
end
local live, removed = list_sessions()
local kept, siblings = { session }, {}
for _, sibling in ipairs(live) do
  if not old or sibling.hash ~= old.hash then siblings[#siblings + 1] = sibling end
end
local surplus = #siblings + 1 - tonumber(max)
if surplus > 0 and when_full == 'refuse' then return { hash, 'full' } end
put_oldest_first(siblings, surplus)
for i, sibling in ipairs(siblings) do
  local group = i <= surplus and removed or kept
  group[#group + 1] = i <= surplus and set_ended(sibling, 'evicted') or sibling
end
if old then removed[#removed + 1] = set_ended(old, 'replaced') end
write_session(session, body)
keep_only(kept, removed)
return to_result('done', session)
`,
  replace: `
local hash, nonce, revision, body = unpack(ARGV)
local session = find_session(hash)
if not session or not is_live(session) then return { hash, 'not-found' } end
if has_nonce(session, nonce) then return to_result('done', session, read_body(session)) end
if session.revision ~= tonumber(revision) then return to_result('conflict', session, read_body(session)) end
add_revision(session, nonce)
write_session(session, body)
return to_result('done', session)
`,
  regenerate: `
local hash, new_hash, nonce, renew = unpack(ARGV)
local existing, has_ended = find_session(new_hash)
if existing and has_nonce(existing, nonce) then return to_result('done', existing, read_body(existing)) end
if existing or has_ended then return { new_hash, 'taken' } end
local session = find_session(hash)
if not session or not is_live(session) or has_nonce(session, nonce) then return { new_hash, 'not-found' } end
local body = read_body(session)
local old_marker = session.previous ~= new_hash and is_marker(session.previous, hash) and session.previous
add_revision(session, nonce)
session.hash, session.previous = new_hash, hash
if renew ~= '' then
  session.authenticated, session.seen, session.expires = now, now, now + tonumber(renew)
end
redis.call('HSET', key, new_hash, encode(session), new_hash .. ':body', body, hash, 'moved ' .. new_hash)
keep_key(session)
redis.call('HDEL', key, hash .. ':body', old_marker or hash .. ':body')
return to_result('done', session, body)
`,
  destroy: `
local hash, revision, reason = unpack(ARGV)
local session = find_moved_session(hash)
if session and revision ~= '' and session.revision ~= tonumber(revision) then return { hash, 'conflict' } end
if session then
  remove_sessions({ set_ended(session, reason) })
  return { hash, 'done' }
end
local text = redis.call('HGET', key, hash)
if not text or string.match(text, '^moved %S+$') or string.match(text, '^ended %S+$') then return { hash, 'not-found' } end
redis.call('HDEL', key, hash, hash .. ':body')
return { hash, 'done' }
`,
  list: `
local live, expired = list_sessions()
remove_sessions(expired)
local reply = { ARGV[1] }
for _, session in ipairs(live) do reply[#reply + 1] = session.text end
return reply
`,
  revoke: `
local own_key, which, id = unpack(ARGV)
local live, removed = list_sessions()
local kept, count = {}, 0
for _, session in ipairs(live) do
  if which == 'all' or (which == 'id') == (session.id == id) then
    removed[#removed + 1] = set_ended(session, 'revoked')
    count = count + 1
  else
    kept[#kept + 1] = session
  end
end
if which == 'all' then remove_all(removed) else keep_only(kept, removed) end
return { own_key, count }
`,
} as const;

/**
 * Changes a key and leaves nothing there, so that Redis reports the key as changed. Returns the time, for the near cache:
 * it needs no other clock to know when a session ends.
 */
const beat = `
local key, own_key = KEYS[1], ARGV[1]
local clock = redis.call('TIME')
redis.call('HSET', key, 'beat', '')
redis.call('HDEL', key, 'beat')
return { own_key, string.format('%.0f', clock[1] * 1000 + math.floor(clock[2] / 1000)) }
`;

/**
 * Tries every command of the other scripts once, on an empty key, and removes what it wrote. If Redis refuses one, the
 * error names it. The write that needs memory comes before the other writes.
 */
const ping = `
${unpackFunction}
local key, field = KEYS[1], 'ping'
local steps = {
  { 'TIME' }, { 'HGET', key, field }, { 'HMGET', key, field }, { 'HKEYS', key }, { 'HLEN', key }, { 'PTTL', key },
  { 'HSET', key, field, '' }, { 'PEXPIRE', key, 1000 }, { 'HDEL', key, field }
}
for _, step in ipairs(steps) do
  local reply = redis.pcall(unpack(step))
  if type(reply) == 'table' and reply.err then
    for _, undo in ipairs({ { 'HDEL', key, field }, { 'PEXPIRE', key, 1 } }) do redis.pcall(unpack(undo)) end
    return redis.error_reply(step[1] .. ': ' .. reply.err)
  end
end
return { ARGV[1], 1 }
`;

export type ScriptName = keyof typeof bodies | 'beat' | 'ping';

/** The scripts that remove no session, and run faster without the functions for that. */
const plainScripts: ReadonlySet<string> = new Set(['replace', 'regenerate']);

/** The complete text of every script. */
export const scripts = {
  ...Object.fromEntries(
    Object.entries(bodies).map(([name, body]) => [
      name,
      prelude + (plainScripts.has(name) ? '' : removalFunctions) + body,
    ]),
  ),
  beat,
  ping,
} as Readonly<Record<ScriptName, string>>;
