// Exports in the background: begun, watched, stopped, come back to after the page and even the service were closed.
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import { strFromU8, unzipSync } from 'fflate';
import { clean, figure, open, save } from './page';
import { serve, type Served } from './server';

let data: string;
let served: Served;
test.beforeEach(async () => {
  data = mkdtempSync(join(tmpdir(), 'shigu-batch-'));
  served = await serve('--data-dir', data);
});
test.afterEach(async () => {
  await served.stop();
  rmSync(data, { recursive: true, force: true });
});

const jobs = (page: Page) => page.getByTestId('report-job');
async function begin(page: Page, formats: string[], link = ''): Promise<void> {
  await open(page, `${served.base}/${link}`);
  await page.getByTestId('export').click();
  await page.getByTestId('report-scope').selectOption('all');
  for (const format of ['docx', 'xlsx', 'pdf', 'html', 'csv', 'geojson', 'png', 'svg'])
    await page.getByTestId(`format-${format}`).setChecked(formats.includes(format));
}

test('all districts come as one archive whose list of digests is right', async ({ page }) => {
  await begin(page, ['html', 'csv'], '?cluster=vision');
  const [download] = await Promise.all([
    page.waitForEvent('download', { timeout: 60_000 }),
    page.getByTestId('report-make').click(),
  ]);
  expect(download.suggestedFilename()).toMatch(/^统计小结-\d{4}-[0-9a-f]{8}\.zip$/);
  const files = unzipSync(readFileSync(await download.path()));
  const manifest = JSON.parse(strFromU8(files['manifest.json']!)) as {
    files: { name: string; sha256: string; query: string }[];
  };
  expect(manifest.files.length).toBe(26);
  for (const { name, sha256, query } of manifest.files) {
    expect(createHash('sha256').update(files[name]!).digest('hex')).toBe(sha256);
    expect(query).toContain('cluster=vision');
  }
  await expect(page.getByTestId('report-said')).toContainText('全部区县(13)');
  await expect(page.getByTestId('report-said')).toContainText('已完成');
  await expect(jobs(page).first()).toHaveAttribute('data-state', 'finished');
  // the code that a file prints shows the same view
  await page.goto(`${served.base}/?${manifest.files[0]!.query}`);
  await expect(page.getByTestId('numbers')).toHaveAttribute('aria-busy', 'false');
  expect(new URL(page.url()).searchParams.get('cluster')).toBe('vision');
});

test('it goes on when the dialog and the page are closed, and is there when they are opened again', async ({
  page,
  context,
}) => {
  await begin(page, ['docx', 'pdf', 'png']);
  await page.getByTestId('report-make').click();
  await expect(page.getByTestId('report-said')).toContainText('39');
  await expect(jobs(page).first().getByRole('progressbar')).toBeVisible();
  await expect(jobs(page).first().getByTestId('report-job-said')).toContainText('/39 · ');
  await clean(page);
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('report-dialog')).toBeHidden();
  await page.close();
  const other = await context.newPage();
  await open(other, `${served.base}/`);
  await other.getByTestId('export').click();
  await expect(jobs(other)).toHaveCount(1);
  await expect(jobs(other).first()).toHaveAttribute('data-state', 'finished', { timeout: 60_000 });
  await clean(other);
  const [download] = await Promise.all([other.waitForEvent('download'), other.getByTestId('report-job-save').click()]);
  expect(Object.keys(unzipSync(readFileSync(await download.path()))).length).toBe(40);
  await other.getByTestId('report-job').getByText('逐个下载').click();
  await expect(other.getByTestId('report-job').getByRole('link', { name: /\.docx$/ })).toHaveCount(13);
  await other.getByTestId('report-job-drop').click();
  await expect(jobs(other)).toHaveCount(0);
});

test('stopping keeps what is finished; with the dialog closed the button says that another is ready', async ({
  page,
}) => {
  await begin(page, ['docx', 'pdf', 'png']);
  await page.getByTestId('report-make').click();
  await expect(jobs(page).first().getByTestId('report-job-said')).toContainText('/39 · ');
  await page.getByTestId('report-job-cancel').focus();
  await page.keyboard.press('Enter');
  await expect(jobs(page).first()).toHaveAttribute('data-state', 'cancelled');
  await expect(jobs(page).first().getByTestId('report-job-said')).toContainText(/已取消,已完成的 \d+\/39/);
  for (const format of ['docx', 'pdf', 'png']) await page.getByTestId(`format-${format}`).uncheck();
  for (const format of ['html', 'xlsx']) await page.getByTestId(`format-${format}`).check();
  await page.getByTestId('report-make').click();
  await expect(jobs(page)).toHaveCount(2);
  await page.getByTestId('report-close').click();
  await expect(page.getByTestId('export-ready')).toBeVisible({ timeout: 60_000 });
  await page.getByTestId('export').click();
  await expect(page.getByTestId('export-ready')).toBeHidden();
  await expect(jobs(page).first()).toHaveAttribute('data-state', 'finished');
});

test('a service that was stopped says what it left, and it can be made again', async ({ page }) => {
  await begin(page, ['docx', 'pdf', 'png']);
  await page.getByTestId('report-make').click();
  await expect(jobs(page).first().getByTestId('report-job-said')).toContainText(/[1-9]\d*\/39 · /);
  await served.stop();
  served = await serve('--data-dir', data);
  await page.emulateMedia({ colorScheme: 'dark' });
  await open(page, `${served.base}/?lang=en`);
  await page.getByTestId('export').click();
  await expect(jobs(page).first()).toHaveAttribute('data-state', 'interrupted');
  await expect(jobs(page).first().getByTestId('report-job-said')).toContainText('The service stopped in the middle');
  await clean(page);
  await page.getByTestId('report-job-again').click();
  await expect(jobs(page)).toHaveCount(2);
  await expect(jobs(page).first()).toHaveAttribute('data-state', 'finished', { timeout: 60_000 });
});

test('on a phone the list can be reached', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await begin(page, ['html', 'csv']);
  await page.getByTestId('report-make').click();
  await expect(jobs(page).first()).toHaveAttribute('data-state', 'finished', { timeout: 60_000 });
  await jobs(page).first().scrollIntoViewIfNeeded();
  await expect(page.getByTestId('report-job-save')).toBeInViewport();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  await clean(page);
});

test('the code that a file of a drawn area of many corners prints shows that area again', async ({ page }) => {
  await open(page, `${served.base}/?mode=query`);
  await page.locator('summary', { hasText: '输入或粘贴边界' }).click();
  const corner = (i: number) =>
    [120.15 + Math.cos((i * Math.PI) / 100) * (0.1 + (i % 2) * 0.02), 30.25 + Math.sin((i * Math.PI) / 100) * 0.1]
      .map((n) => n.toFixed(5))
      .join(',');
  const ring = [...Array.from({ length: 200 }, (_, i) => corner(i)), corner(0)].join(' ');
  const kml = `<kml><Polygon><outerBoundaryIs><LinearRing><coordinates>${ring}</coordinates></LinearRing></outerBoundaryIs></Polygon></kml>`;
  await page
    .getByTestId('boundary-file')
    .setInputFiles({ name: 'area.kml', mimeType: 'application/xml', buffer: Buffer.from(kml) });
  await expect(page).toHaveURL(/drawn=/);
  await expect(page.getByTestId('numbers')).toHaveAttribute('aria-busy', 'false');
  const count = await figure(page, 'count');
  expect(count).toBeGreaterThan(100);
  const { bytes } = await save(page, 'html');
  const code = /<dt>查询码<\/dt><dd>([^<]*)<\/dd>/.exec(bytes.toString('utf8'))?.[1];
  expect(code).toMatch(/^s\/[0-9a-z]{8,16}$/);
  await page.goto('about:blank');
  await open(page, `${served.base}/${code}`);
  expect(await figure(page, 'count')).toBe(count);
});
