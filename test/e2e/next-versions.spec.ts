import { nextCases } from '../matrix/next-cases.ts';
import { testNextCase } from '../matrix/test-next-case.ts';

// The oldest version only. `npm run test:matrix` tests all of them.
for (const oldest of nextCases.slice(0, 1)) testNextCase(oldest);
