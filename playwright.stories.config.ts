import { defineConfig } from '@playwright/test';
import everyday, { longStories } from './playwright.config.ts';

/** The browser tests that take too long for `npm test`. */
export default defineConfig({ ...everyday, testMatch: [...longStories], testIgnore: [], globalTimeout: 1_800_000 });
