import { nextCases } from './next-cases.ts';
import { testNextCase } from './test-next-case.ts';

for (const nextCase of nextCases) testNextCase(nextCase);
