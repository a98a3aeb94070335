import { NextRequest } from 'next/server.js';
import { expect, test } from 'vitest';
import { proxy } from '../../proxy.ts';

const redirect = async (path: string, base = '') => {
  const request = new NextRequest(`https://shop.example${base}${path}`, { nextConfig: { basePath: base } });
  return (await proxy(request)).headers.get('location');
};

test('the proxy of the demo redirects to the sign-in page, with the path to return to', async () => {
  expect(await redirect('/account?tab=1')).toBe('https://shop.example/sign-in?next=%2Faccount%3Ftab%3D1');
});

test('below a base path, the redirect keeps it, and the path to return to is without it', async () => {
  expect(await redirect('/account?tab=1', '/shop')).toBe('https://shop.example/shop/sign-in?next=%2Faccount%3Ftab%3D1');
});
