// Passing on what is on screen: the address, a short link that outlives the program, a frame in another page.
import { mkdtempSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { drawn, figure, open } from './page';
import { serve } from './server';

test('a short link opens the same on another machine, also after the server was restarted', async ({
  page,
  browser,
}) => {
  const folder = mkdtempSync(join(tmpdir(), 'shigu-story-'));
  let server = await serve('--data-dir', folder);
  await open(page, `${server.base}/?zone=330110&cluster=vision&year=2023`);
  const [count, revenue] = [await figure(page, 'count'), await figure(page, 'revenue')];
  await page.getByTestId('share').click();
  await expect(page.getByTestId('share-full')).toHaveValue(/\?zone=330110&cluster=vision&year=2023&data=[0-9a-f]{8}#/);
  const short = await page.getByTestId('share-short').inputValue();
  expect(short).toMatch(/\/s\/[0-9a-z]{8}$/);
  const code = new URL(short).pathname;
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('share-dialog')).toBeHidden();
  await expect(page.getByTestId('share')).toBeFocused();
  await server.stop();
  server = await serve('--data-dir', folder);
  const other = await (await browser.newContext()).newPage();
  await open(other, `${server.base}${code}`);
  expect(new URL(other.url()).search).toContain('zone=330110&cluster=vision&year=2023');
  expect([await figure(other, 'count'), await figure(other, 'revenue')]).toEqual([count, revenue]);
  await server.stop();
});

test('without a data folder the whole address is offered, and why', async ({ page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await open(page, './?zone=330108');
  await page.getByTestId('share').click();
  await expect(page.getByTestId('share-keeps-nothing')).toContainText('没有配置数据文件夹');
  await page.getByTestId('share-copy-full').click();
  await expect(page.getByTestId('share-dialog')).toContainText('已复制');
  expect(await page.evaluate(() => navigator.clipboard.readText())).toMatch(/\?zone=330108&data=[0-9a-f]{8}#/);
});

test('in a frame: map, title, legend and a way out; only where the setting allows it', async ({ page, context }) => {
  const host = createServer((request, answer) => {
    answer.setHeader('Content-Type', 'text/html; charset=utf-8');
    const source = new URL(request.url!, 'http://x').searchParams.get('src') ?? 'about:blank';
    answer.end(
      `<!doctype html><title>portal</title><iframe src="${source.replace(/&/g, '&amp;')}" width="900" height="560"></iframe>`,
    );
  });
  await new Promise<void>((ready) => host.listen(0, '127.0.0.1', ready));
  const portal = `http://127.0.0.1:${(host.address() as { port: number }).port}`;
  const server = await serve('--embed-origins', portal);
  const show = (base: string) => page.goto(`${portal}/?src=${encodeURIComponent(`${base}/?zone=330108&embed=1`)}`);

  await show(server.base);
  const frame = page.frameLocator('iframe');
  await expect(frame.getByTestId('map')).toHaveAttribute('data-idle', 'true', { timeout: 40_000 });
  await expect(frame.getByTestId('embedded')).toContainText('滨江区');
  await expect(frame.getByText('图例')).toBeVisible();
  await expect(frame.getByTestId('numbers')).toHaveCount(0);
  const [whole] = await Promise.all([context.waitForEvent('page'), frame.getByTestId('open-full').click()]);
  await drawn(whole);
  await expect(whole.getByTestId('scope')).toHaveText('滨江区');
  expect(whole.url()).not.toContain('embed');
  await server.stop();

  const closed = await serve();
  const refused = page.waitForEvent('console', (said) => /frame-ancestors/.test(said.text()));
  await show(closed.base);
  await refused;
  await closed.stop();
  host.close();
});
