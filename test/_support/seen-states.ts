import type { Page } from '@playwright/test';

/** What one document showed of the session, over time. An empty text: nothing yet, or a placeholder. */
export interface SeenStates {
  /** Texts of the right end of the header. */
  readonly header: readonly string[];
  /** Texts of the buttons and links below the headline. */
  readonly actions: readonly string[];
  /** Names on the session card, or the headline of its empty outline. */
  readonly card: readonly string[];
  /** The sum of the layout shifts that no input caused. */
  readonly layoutShift: number;
}

interface RecordingWindow {
  seenStates: { header: string[]; actions: string[]; card: string[]; layoutShift: number };
}

interface LayoutShift extends PerformanceEntry {
  readonly value: number;
  readonly hadRecentInput: boolean;
}

/** Makes every document of the page record what it shows, after each mutation and in each frame, from its start. */
export async function recordSeenStates(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const seen: RecordingWindow['seenStates'] = { header: [], actions: [], card: [], layoutShift: 0 };
    (window as unknown as RecordingWindow).seenStates = seen;
    // What is hidden has no boxes: content that React has not revealed yet, and pages that Next keeps.
    const readText = (selector: string) => {
      const elements = [...document.querySelectorAll<HTMLElement>(selector)];
      // biome-ignore lint/performance/useDomNodeTextContent: the text content includes text that is hidden
      return elements.find((element) => element.getClientRects().length > 0)?.innerText.trim() ?? '';
    };
    const look = () => {
      const texts = {
        header: readText('.account-status'),
        actions: readText('.page-header .actions'),
        card: readText('.session-card-name, .session-card-empty strong'),
      };
      for (const part of ['header', 'actions', 'card'] as const) {
        if (seen[part].at(-1) !== texts[part]) seen[part].push(texts[part]);
      }
    };
    const watched = { subtree: true, childList: true, attributes: true, characterData: true };
    new MutationObserver(look).observe(document, watched);
    const lookEachFrame = () => {
      look();
      requestAnimationFrame(lookEachFrame);
    };
    lookEachFrame();
    new PerformanceObserver((list) => {
      for (const { value, hadRecentInput } of list.getEntries() as LayoutShift[]) {
        if (!hadRecentInput) seen.layoutShift += value;
      }
    }).observe({ type: 'layout-shift', buffered: true });
  });
}

export function readSeenStates(page: Page): Promise<SeenStates> {
  return page.evaluate(() => (window as unknown as RecordingWindow).seenStates);
}

/** Makes the page as slow as on a cheap phone: a quarter of this machine's speed, and Chromium's "slow 3G". */
export async function slowDown(page: Page): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const bytesPerSecond = 50_000;
  await session.send('Emulation.setCPUThrottlingRate', { rate: 4 });
  await session.send('Network.emulateNetworkConditions', {
    offline: false,
    latency: 2_000,
    downloadThroughput: bytesPerSecond,
    uploadThroughput: bytesPerSecond,
  });
}

/** What a page may show of each kind of visitor. */
const expected = {
  'signed in': { header: /^(Ada Lovelace\nSign out)?$/, card: /^(Ada Lovelace)?$/ },
  'signed out': { header: /^(Sign in)?$/, card: /^(Not signed in)?$/ },
} as const;

/** Returns what the page showed although it is not true of its visitor, and what it never showed. Waits for the session. */
export async function findFlashes(page: Page, visitor: keyof typeof expected): Promise<readonly string[]> {
  const { header, card } = expected[visitor];
  await page
    .locator('.account-status')
    .filter({ hasText: /Sign (in|out)/ })
    .waitFor();
  await page.waitForFunction(() => document.readyState === 'complete');
  const seen = await readSeenStates(page);
  const actions = new Set(seen.actions.filter(Boolean));
  return [
    ...seen.header.filter((text) => !header.test(text)),
    ...seen.card.filter((text) => !card.test(text)),
    // The buttons below the headline must not change.
    ...(actions.size > 1 ? [...actions] : []),
    ...(seen.header.at(-1) ? [] : ['The header is empty.']),
  ];
}
