// What the journeys and their times have in common: where things are, what has come, which answers were given.
import { expect, type Page } from '@playwright/test';

export const by = (id: string) => `[data-testid="${id}"]`;
export const shown = (page: Page): Promise<void> =>
  expect(page.getByTestId('matrix')).toHaveAttribute('aria-busy', 'false');
export const both = (page: Page): Promise<void> =>
  expect(page.getByTestId('pair')).toHaveAttribute('data-idle', 'true', { timeout: 40_000 });

export interface Answer {
  status: number;
  ms: number;
}
/** Every answer of a kind from now on, with the time between request and last byte by the browser's clock. */
export function answers(page: Page, kind: RegExp): Answer[] {
  const all: Answer[] = [];
  page.on('requestfinished', async (request) => {
    if (!kind.test(request.url())) return;
    const ms = request.timing().responseEnd;
    all.push({ status: (await request.response())?.status() ?? 0, ms });
  });
  return all;
}
export const NEAR_TILE = /\/xyz\/[^/]*enterprises[^/]*\/1[3-9]\//;
