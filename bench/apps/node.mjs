import { createJsonServer } from './json-server.mjs';
import { createUserData, describeUser } from './user-data.mjs';

const user = createUserData(1);

/** node:http without sessions: what a session is compared with. */
export function createApp() {
  return { server: createJsonServer(async () => describeUser(user)) };
}
