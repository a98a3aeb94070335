import { sealData } from 'iron-session';
import { createJsonServer } from './json-server.mjs';
import { secret } from './user-data.mjs';

const token = 'x'.repeat(72);

/** Seals a token, as each sign-in and each regenerated session does. */
export function createApp() {
  return { server: createJsonServer(async () => ({})), call: () => sealData({ token }, { password: secret }) };
}
