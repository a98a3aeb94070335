import { endingLifetimes, maxEndings } from '../core/ports/session-ending.ts';

const lifetimes = Object.entries(endingLifetimes).map(([reason, ms]) => `['${reason}'] = ${ms}`);

/** What the scripts that remove sessions, or look at several, need beside the prelude. */
export const removalFunctions = `
local max_endings, ending_lifetimes = ${maxEndings}, { ${lifetimes.join(', ')} }

-- Returns the endings to keep: those of these sessions, then the earlier ones. \`forgotten\` are the hashes of the others.
local function collect_endings(sessions)
  local endings = { kept = {}, forgotten = {}, fields = {}, texts = {}, count = 0, last = 0 }
  local function keep(hash, ends)
    if endings.count == max_endings or ends <= now then return false end
    endings.kept[hash], endings.count, endings.last = true, endings.count + 1, math.max(endings.last, ends)
    endings.texts[endings.count] = string.format('%s %.0f', hash, ends)
    return true
  end
  for _, session in ipairs(sessions) do
    local lifetime = ending_lifetimes[session.ended]
    if lifetime and keep(session.hash, math.min(now + lifetime, session.expires)) then
      endings.fields[#endings.fields + 1] = session.hash
      endings.fields[#endings.fields + 1] = 'ended ' .. session.ended
    end
  end
  for hash, ends in string.gmatch(redis.call('HGET', key, ':endings') or '', '(%S+) (%d+)') do
    if not keep(hash, tonumber(ends)) then endings.forgotten[#endings.forgotten + 1] = hash end
  end
  return endings
end

-- Leaves the reasons of these sessions at their hashes. If memory is full, they end without a reason.
local function leave_endings(sessions)
  local endings = collect_endings(sessions)
  if #endings.fields == 0 then return endings end
  local texts = table.concat(endings.texts, ' ')
  local reply = redis.pcall('HSET', key, ':endings', texts, unpack(endings.fields))
  return type(reply) == 'number' and endings or collect_endings({})
end

local function remove_fields(fields)
  for from = 1, #fields, max_arguments do
    redis.call('HDEL', key, unpack(fields, from, math.min(from + max_arguments - 1, #fields)))
  end
end

local function expire_at(time) redis.call('PEXPIRE', key, string.format('%.0f', time - now)) end

-- Keeps the key for as long as its last ending. If it has nothing else, it is not kept for longer. If that is not permitted,
-- the endings are removed: a key that this call has just created would stay for ever.
local function keep_endings(endings)
  if endings.count == 0 then return end
  local is_alone = redis.call('HLEN', key) == endings.count + 1
  if not is_alone and redis.call('PTTL', key) >= endings.last - now - 2 then return end
  if pcall(expire_at, endings.last) then return end
  local fields = { ':endings' }
  for hash in pairs(endings.kept) do fields[#fields + 1] = hash end
  remove_fields(fields)
end

local function replace_by_endings(sessions)
  local endings = leave_endings(sessions)
  local fields = endings.forgotten
  for _, session in ipairs(sessions) do
    if not endings.kept[session.hash] then fields[#fields + 1] = session.hash end
    fields[#fields + 1] = session.hash .. ':body'
    if is_marker(session.previous, session.hash) then fields[#fields + 1] = session.previous end
  end
  remove_fields(fields)
  return endings
end

-- Removes sessions. Those with \`ended\` leave that reason. This must be the last step of a script: removing the last field
-- removes the key, and while its slot migrates, Redis Cluster then rejects commands on it.
local function remove_sessions(sessions)
  if #sessions > 0 then keep_endings(replace_by_endings(sessions)) end
end

-- Removes whatever the key holds, except the endings.
local function remove_all(sessions)
  local endings, fields = leave_endings(sessions), {}
  for _, field in ipairs(redis.call('HKEYS', key)) do
    local is_kept = endings.kept[field] or (field == ':endings' and endings.count > 0)
    if not is_kept then fields[#fields + 1] = field end
  end
  remove_fields(fields)
  keep_endings(endings)
end

local function set_ended(session, reason)
  if is_live(session) then session.ended = reason end
  return session
end

-- Reads from a header only what lists, limits and revocations need. For many sessions, \`decode\` would take twice as long.
local function decode_briefly(text, hash)
  local own_hash, id, previous, created, seen, expires, idle =
    string.match(text, '^(%S+) %d+ (%S+) (%S+) (%d+) %d+ (%d+) (%d+) (%d+) %S+\\n')
  if own_hash ~= hash then return nil end
  return {
    hash = hash, id = id, previous = previous, created = tonumber(created), seen = tonumber(seen),
    expires = tonumber(expires), idle = tonumber(idle), text = text
  }
end

-- Returns the live sessions, unordered, and the expired ones. Unreadable fields are ignored and stay.
local function list_sessions()
  local hashes, live, expired = {}, {}, {}
  for _, field in ipairs(redis.call('HKEYS', key)) do
    if not string.find(field, ':', 1, true) then hashes[#hashes + 1] = field end
  end
  for from = 1, #hashes, max_arguments do
    local texts = redis.call('HMGET', key, unpack(hashes, from, math.min(from + max_arguments - 1, #hashes)))
    for i, text in ipairs(texts) do
      local session = text and decode_briefly(text, hashes[from + i - 1])
      local group = session and (is_live(session) and live or expired)
      if group then group[#group + 1] = session end
    end
  end
  return live, expired
end

-- Removes sessions, and makes the key expire with the longest-lived of the kept ones, or with the last ending.
local function keep_only(kept, removed)
  if #kept == 0 then return remove_sessions(removed) end
  local last = replace_by_endings(removed).last
  for _, session in ipairs(kept) do last = math.max(last, ends_at(session)) end
  expire_at(last)
end

local function is_older(a, b)
  if a.created == b.created then return a.hash < b.hash end
  return a.created < b.created
end

-- Moves the oldest sessions to the start. Usually a sign-in ends one, and then there is no need to sort.
local function put_oldest_first(sessions, count)
  if count > 1 then table.sort(sessions, is_older) end
  if count ~= 1 then return end
  local oldest = 1
  for i = 2, #sessions do
    if is_older(sessions[i], sessions[oldest]) then oldest = i end
  end
  sessions[1], sessions[oldest] = sessions[oldest], sessions[1]
end
`;
