import { createHeadersSink } from 'trpc-session';
import { describe, expect, test } from 'vitest';
import { ada, createAccountSessions, getErrorCode, grace } from '../../_support/sessions.ts';

const header = 'session-announcement';

/** Opens the session of one browser, each time for a new request. */
async function createSignedIn() {
  const made = createAccountSessions();
  const jar = { cookie: '' };
  const open = () => {
    const response = new Headers();
    const request = { method: 'POST', headers: { cookie: jar.cookie, 'sec-fetch-site': 'same-origin' } };
    return { response, session: made.sessions.open(request, createHeadersSink(response)) };
  };
  const signIn = async () => {
    const { response, session } = open();
    await session.start(ada);
    jar.cookie = response.getSetCookie()[0]?.split(';')[0] ?? '';
    return response;
  };
  const response = await signIn();
  return { ...made, open, signIn, response };
}

describe('a write', () => {
  test('that starts a session is announced in a header that is neither cached nor a secret', async () => {
    const { response } = await createSignedIn();
    expect(response.get(header)).toBe('started');
    expect(response.get('cache-control')).toBe('private, no-store');
  });

  test('that changes, moves or ends the session is announced', async () => {
    const { open } = await createSignedIn();
    const updating = open();
    await updating.session.update({ visits: 1 });
    expect(updating.response.get(header)).toBe('updated');
    const moving = open();
    await moving.session.regenerate();
    expect(moving.response.get(header)).toBe('regenerated');
    const ending = open();
    await ending.session.destroy();
    expect(ending.response.get(header)).toBe('ended');
  });

  test('that revokes the own session is announced, and one that revokes others is not', async () => {
    const { open } = await createSignedIn();
    const others = open();
    await others.session.revokeOthers();
    expect(others.response.get(header)).toBeNull();
    const own = open();
    await own.session.revoke((await own.session.require()).id);
    expect(own.response.get(header)).toBe('ended');
  });

  test('that fails is not announced', async () => {
    const { open } = await createSignedIn();
    const { response, session } = open();
    expect(await getErrorCode(session.update({ userId: grace.userId }))).toBe('SUBJECT_CHANGED');
    expect(response.get(header)).toBeNull();
  });
});

describe('a read', () => {
  test('is not announced', async () => {
    const { open } = await createSignedIn();
    const { response, session } = open();
    await session.get();
    await session.require();
    await session.list();
    expect(response.get(header)).toBeNull();
  });

  test('by a method that asks for no session is not announced, also if there is none', async () => {
    const { response, session } = createSignedOut();
    await session.get();
    await session.view();
    expect(response.get(header)).toBeNull();
  });
});

describe('a refusal', () => {
  test('says whether the session is missing or expired', async () => {
    const { response, session } = createSignedOut();
    expect(await getErrorCode(session.require())).toBe('MISSING');
    expect(response.get(header)).toBe('missing');
    expect(response.get('cache-control')).toBe('private, no-store');
    const { open, sessions } = await createSignedIn();
    await sessions.of('ada').revokeAll();
    for (const call of ['require', 'list', 'regenerate', 'revokeOthers'] as const) {
      const refused = open();
      expect(await getErrorCode(refused.session[call]())).toBe('EXPIRED');
      expect(refused.response.get(header)).toBe('expired');
    }
  });

  test('does not replace the announcement of a write in the same response', async () => {
    const { open } = await createSignedIn();
    const { response, session } = open();
    await session.destroy();
    expect(await getErrorCode(session.require())).toBe('MISSING');
    expect(response.get(header)).toBe('ended');
  });

  test('is replaced by that of a write', async () => {
    const { response, session } = createSignedOut();
    await getErrorCode(session.require());
    await session.start(ada);
    expect(response.get(header)).toBe('started');
  });

  test('by a verifier is not announced, because the user is signed in', async () => {
    const { open } = await createSignedIn();
    const { response, session } = open();
    expect(await getErrorCode(session.require((({ role }: { role: string }) => role === 'admin') as never))).toBe(
      'REFUSED',
    );
    expect(response.get(header)).toBeNull();
  });
});

function createSignedOut() {
  const response = new Headers();
  const { sessions } = createAccountSessions();
  return {
    response,
    session: sessions.open(
      { method: 'POST', headers: { 'sec-fetch-site': 'same-origin' } },
      createHeadersSink(response),
    ),
  };
}
