/** @type {import('next').NextConfig} */
export default {
  // Compiles the library from its sources.
  transpilePackages: ['trpc-session'],
  poweredByHeader: false,
};
