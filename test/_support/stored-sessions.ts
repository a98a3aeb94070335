import type { Redis } from 'ioredis';

/** Counts the keys of one database that hold more than the reasons of ended sessions. */
const countScript = `
redis.call('SELECT', ARGV[1])
local count = 0
for _, key in ipairs(redis.call('KEYS', '*')) do
  local fields = redis.call('TYPE', key).ok == 'hash' and redis.call('HGETALL', key) or { 'a value of another type', '' }
  local has_more = false
  for at = 1, #fields, 2 do
    local is_reason = fields[at] == ':endings' or string.find(fields[at + 1], '^ended ') ~= nil
    has_more = has_more or not is_reason
  end
  if has_more then count = count + 1 end
end
return count
`;

/** Counts the users who have sessions. Keys that hold only reasons of ended sessions do not count. */
export async function countUsersWithSessions(client: Pick<Redis, 'eval'>, database = 0): Promise<number> {
  return Number(await client.eval(countScript, 0, database));
}
