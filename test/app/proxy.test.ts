import { NextRequest } from 'next/server.js';
import { expect, test } from 'vitest';
import { proxy } from '../../proxy.ts';

test('the proxy of the demo redirects to the sign-in page, with the path to return to', async () => {
  const response = await proxy(new NextRequest('https://shop.example/account?tab=1'));
  expect(response.headers.get('location')).toBe('https://shop.example/sign-in?next=%2Faccount%3Ftab%3D1');
});
