// A monthly briefing is set on the page; the service makes it by itself after a start that came too late, says so, and lists it for who may read.
import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { clean, HANDS } from './page';
import { type Served, serve } from './server';

let folder: string;
let server: Served;
const start = async () => (server = await serve('--data-dir', folder));
test.beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'shigu-story-'));
  await start();
});
test.afterEach(() => server.stop());

/** As if the schedule had been set long ago, while the program is off. */
const longAgo = () =>
  execFileSync('python3', [
    '-I',
    '-c',
    'import sqlite3, sys\nwith sqlite3.connect(sys.argv[1]) as file: file.execute("UPDATE briefing_schedule SET changed = 0")',
    join(folder, 'shigu.sqlite3'),
  ]);

for (const [hand, push] of HANDS)
  test(`a briefing of each month is set, made up for and read, ${hand}`, async ({ page }) => {
    await page.goto(`${server.base}/?mode=compare`);
    await push(page.getByTestId('briefings-show'));
    await expect(page.getByTestId('briefing-unset')).toBeVisible();
    await push(page.getByTestId('briefing-add'));
    await page.getByTestId('briefing-title').fill('产业动态月报');
    await page.getByTestId('briefing-day').selectOption('1');
    await page.getByTestId('briefing-hour').selectOption({ label: '0 时' });
    await page.getByTestId('briefing-en').check();
    await clean(page);
    await push(page.getByTestId('briefing-save'));
    const set = page.getByTestId('briefing-schedule');
    await expect(set).toContainText('每月 1 日 0 时');
    await expect(set).toContainText('下一次');
    await expect(page.getByTestId('briefings-none')).toBeVisible();
    await server.stop();
    longAgo();
    await start();
    // where the data is
    const month = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Asia/Shanghai' }).format(new Date()).slice(0, 7);
    const row = page.getByTestId(`briefing-${month}`);
    await expect(async () => {
      await page.goto(`${server.base}/?mode=compare`);
      await push(page.getByTestId('briefings-show'));
      await expect(row).toContainText('做成', { timeout: 2_000 });
    }).toPass();
    await expect(row).toContainText('补做');
    await expect(row.getByRole('button')).toHaveCount(4);
    await clean(page);
    const [paper] = await Promise.all([page.waitForEvent('download'), push(row.getByTestId('briefing-file-zh.docx'))]);
    expect(paper.suggestedFilename()).toMatch(/^产业动态月报-动态简报-.*\.docx$/);
    // it is there once, also after another start; removing the schedule removes it
    await server.stop();
    await start();
    const { briefings } = (await (await fetch(`${server.base}/briefings`)).json()) as { briefings: unknown[] };
    expect(briefings).toHaveLength(1);
    await page.goto(`${server.base}/?mode=compare&lang=en`);
    await page.setViewportSize({ width: 390, height: 844 });
    await push(page.getByTestId('briefings-show'));
    await expect(row).toContainText('made up');
    await clean(page);
    await push(page.getByTestId('briefing-remove'));
    await push(page.getByTestId('briefing-sure'));
    await expect(page.getByTestId('briefings-none')).toBeVisible();
  });
