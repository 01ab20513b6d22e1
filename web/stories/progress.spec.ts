// A leader reads how far the plan is; an editor states how far an item is, by mouse and by keyboard; another editor came first; a start of the program loses
// nothing; the paper is saved.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import { clean, HANDS } from './page';
import { type Served, serve } from './server';

const PORT = '127.0.0.1:8979';
let folder: string;
let server: Served;
const start = async () => (server = await serve('--listen', PORT, '--data-dir', folder));
test.beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'shigu-story-'));
  await start();
});
test.afterEach(() => server.stop());

const item = (page: Page, id: string) => page.locator(`[data-testid=plan-item][data-id="${id}"]`);
const count = async (page: Page, id: string): Promise<number> =>
  Number(await page.getByTestId(id).locator('b').textContent());

for (const [hand, push] of HANDS)
  test(`state how far an item of the plan is, ${hand}`, async ({ page, request }) => {
    await page.goto(`${server.base}/`);
    await push(page.getByTestId('mode-progress'));
    await expect(page.getByTestId('plan-item').first()).toBeVisible();
    await clean(page);
    const [unknown, done] = [await count(page, 'status-unknown'), await count(page, 'status-done')];
    expect(unknown).toBeGreaterThan(10);

    const one = item(page, 'measures.layout');
    await push(one.getByTestId('item-open'));
    await expect(one.getByTestId('acts-on')).toHaveCount(0);
    await one.getByTestId('item-status').selectOption('done');
    await one.getByTestId('item-day').fill('2026-05-20');
    await one.getByTestId('item-department').fill('甲局');
    await one.getByTestId('item-deadline').fill('2026-06');
    // what is done needs evidence
    await push(one.getByTestId('item-save'));
    await expect(one).toHaveAttribute('data-status', 'unknown');
    await one.getByTestId('item-evidence').fill('政发〔2026〕3号');
    await clean(page);
    await push(one.getByTestId('item-save'));
    await expect(one).toHaveAttribute('data-status', 'done');
    await expect(one).toContainText('甲局');
    await expect(one.getByTestId('plan-entry')).toHaveCount(1);
    expect(await count(page, 'status-done')).toBe(done + 1);
    expect(await count(page, 'status-unknown')).toBe(unknown - 1);

    // another came first: what is known now is shown, and nothing is overwritten
    const base = `${server.base}/plan/items/measures.layout`;
    const { item: seen } = await (await request.get(base)).json();
    const other = await request.post(base, {
      data: { status: 'under_way', as_of: '2026-05-21', evidence: '' },
      headers: { 'if-match': `"${seen.tag}"` },
    });
    expect(other.status()).toBe(201);
    await one.getByTestId('item-evidence').fill('验收');
    await push(one.getByTestId('item-save'));
    await expect(one.getByTestId('item-problem')).toBeVisible();
    await expect(one.getByTestId('plan-entry')).toHaveCount(2);
    await push(one.getByTestId('item-save'));
    await expect(one.getByTestId('plan-entry')).toHaveCount(3);

    // the program ends and starts; only what is done is shown
    await server.stop();
    await start();
    await page.reload();
    await push(page.getByTestId('status-done'));
    await expect(page.getByTestId('plan-item')).toHaveCount(done + 1);
    await expect(item(page, 'measures.layout')).toContainText('验收');
    await push(page.getByTestId('lack-overdue'));
    await expect(page.getByTestId('progress-none')).toBeVisible();
    await push(page.getByTestId('status-done'));
    await expect(page.getByTestId('plan-item')).toHaveCount(await count(page, 'lack-overdue'));

    const [paper] = await Promise.all([page.waitForEvent('download'), push(page.getByTestId('progress-docx'))]);
    expect(paper.suggestedFilename()).toMatch(/^规划落实情况-\d{4}H[12]\.docx$/);
  });

test('what an item acts on is shown on the map; on a phone, in English', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto(`${server.base}/?mode=progress&lang=en`);
  const one = item(page, 'platforms_new.cloud_city');
  await one.getByTestId('item-open').click();
  await clean(page);
  await one.getByTestId('acts-on').first().click();
  await expect(page).toHaveURL(/item=platforms:P01/);
});
