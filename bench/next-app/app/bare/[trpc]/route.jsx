import { fetchRequestHandler } from '@trpc/server/adapters/fetch';
import { createBareRouter } from '../../../../apps/trpc-router.mjs';

const router = createBareRouter();
const handler = (req) => fetchRequestHandler({ endpoint: '/bare', req, router });

export { handler as GET, handler as POST };
