// Browsing: the page opens by itself, offline; the legend isolates a cluster; search finds a district by initials.
import { brotliCompressSync } from 'node:zlib';
import { expect, test } from '@playwright/test';
import { clean, colours, drawn, figure, HANDS, open, quiet } from './page';

const count = async (text: string | null): Promise<number> => Number((text ?? '').replace(/\D/g, ''));

test('opens with everything from this server, drawn, within the budget', async ({ page, baseURL }) => {
  const strangers: string[] = [];
  const faults: string[] = [];
  const files: Promise<number>[] = [];
  page.on('request', (request) => {
    if (!request.url().startsWith(baseURL!) && !/^(data|blob):/.test(request.url())) strangers.push(request.url());
  });
  page.on('response', (response) => {
    if (response.status() >= 400) faults.push(`${response.status()} ${response.url()}`);
    if (/\/assets\/|\/$/.test(new URL(response.url()).pathname))
      files.push(response.body().then((body) => brotliCompressSync(body).length));
  });
  page.on('pageerror', (error) => faults.push(String(error)));
  page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
  await open(page);
  expect(strangers).toEqual([]);
  expect(faults).toEqual([]);
  const total = (await Promise.all(files)).reduce((sum, size) => sum + size, 0);
  expect(total).toBeGreaterThan(100_000);
  expect(total).toBeLessThanOrEqual(450_000);
  expect(await colours(page)).toBeGreaterThan(200);
});

test('the legend isolates a cluster and the counts follow', async ({ page }) => {
  await open(page);
  const all = await figure(page, 'count');
  const vision = page.getByTestId('cluster-vision');
  const expected = await count(await vision.locator('.count').textContent());
  const yuhang = page.getByTestId('zone-330110').locator('.count');
  const before = await count(await yuhang.textContent());
  await vision.click();
  await quiet(page);
  await expect(page).toHaveURL(/cluster=vision/);
  await expect(vision).toHaveAttribute('aria-pressed', 'true');
  expect(await figure(page, 'count')).toBe(expected);
  expect(expected).toBeLessThan(all!);
  expect(await count(await yuhang.textContent())).toBeLessThan(before);
  await drawn(page);
  await vision.click();
  await quiet(page);
  await expect(page).not.toHaveURL(/cluster=/);
  expect(await figure(page, 'count')).toBe(all);
});

test('slash, yhq, enter: the district', async ({ page }) => {
  await open(page);
  await page.keyboard.press('/');
  await page.keyboard.type('yhq');
  await expect(page.getByTestId('hit').first()).toContainText('余杭区');
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('scope')).toHaveText('余杭区');
  await expect(page).toHaveURL(/zone=330110/);
});

test('the address carries the view to a colleague', async ({ page, context }) => {
  await open(page, './?zone=330108&cluster=vision&year=2023&theme=dark&lang=en');
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  const other = await context.newPage();
  await open(other, page.url());
  for (const id of ['count', 'revenue', 'employees'] as const)
    expect(await figure(other, id)).toBe(await figure(page, id));
  await expect(other.getByTestId('scope')).toHaveText(await page.getByTestId('scope').innerText());
});

test('tiles that do not come are said, and come later', async ({ page }) => {
  for (const [how, expected] of [
    ['away', '断开'],
    ['broken', '地图图层没有取到'],
  ] as const) {
    await page.route(/\/xyz\//, (route) => (how === 'away' ? route.abort() : route.fulfill({ status: 503, body: '' })));
    await page.goto(`./?lang=zh&${how}#12/30.27/120.12`);
    await expect(page.getByTestId('banner')).toContainText(expected);
    await expect(page.getByTestId('figure-count')).toHaveAttribute('data-value', '5000');
    await page.unroute(/\/xyz\//);
    // a lost connection is looked for by the page itself
    if (how === 'broken') await page.getByTestId('banner').getByRole('button', { name: '重试' }).click();
    await expect(page.getByTestId('banner')).toHaveCount(0, { timeout: 30_000 });
    await drawn(page);
    expect(await colours(page)).toBeGreaterThan(12);
  }
});

test('a fault of the style is said, and what can be drawn is drawn', async ({ page }) => {
  await page.route(/\/style\.json/, async (route) => {
    const style = await (await route.fetch()).json();
    style.layers.push({ ...style.layers.at(-1) });
    await route.fulfill({ json: style });
  });
  await page.goto('./?lang=zh');
  await expect(page.getByTestId('banner')).toContainText('地图样式有误');
  await expect(page.getByTestId('figure-count')).toHaveAttribute('data-value', '5000');
});

for (const [hand, hit] of HANDS) {
  test(`where nothing matches no zone is shaded, and the condition is named and taken off ${hand}`, async ({
    page,
  }) => {
    await open(page, `./?filter=${encodeURIComponent('founded >= 2100')}`);
    await expect(page.getByTestId('empty')).toContainText('成立年份 ≥ 2100');
    await expect(page.getByTestId('legend-none')).toBeVisible();
    await expect(page.locator('.legend .classes i')).toHaveCount(1);
    await hit(page.getByTestId('empty-clear'));
    await expect(page.getByTestId('figure-count')).toHaveAttribute('data-value', '5000');
    await expect(page.locator('.legend .classes i')).toHaveCount(5);
    await expect(page.getByTestId('legend-none')).toHaveCount(0);
  });
}

test('layers and the legend that folds, by mouse and by keyboard: what is schematic is named', async ({ page }) => {
  await open(page);
  const layers = page
    .getByRole('region', { name: '布局结构' })
    .or(page.locator('section[aria-labelledby=layers-title]'));
  const said = page.getByTestId('legend-schematic');
  await expect(said).toContainText('一轴');
  await expect(said).not.toContainText('区县界');
  // marked where all of it is schematic, and nowhere else
  await expect(layers.first().locator('li', { hasText: '一轴' }).first().locator('.chip')).toHaveText('示意');
  await expect(layers.first().locator('li', { hasText: '区县界' }).first().locator('.chip')).toHaveCount(0);
  await page.getByTestId('layer-axis').uncheck();
  await expect(said).not.toContainText('一轴');
  await expect(page).toHaveURL(/layers=/);
  await page.getByTestId('layer-axis').focus();
  await page.keyboard.press('Space');
  await expect(said).toContainText('一轴');
  const legend = page.locator('.legend');
  await legend.locator('summary').click();
  await expect(said).toBeHidden();
  await legend.locator('summary').focus();
  await page.keyboard.press('Enter');
  await expect(said).toBeVisible();
  await clean(page);
});

test('the legend of a picture tells what the picture shows', async ({ page }) => {
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.goto('./?plain=1');
  const classes = page.locator('.legend .classes i');
  await expect(classes.first()).toBeVisible();
  const light = await classes.evaluateAll((all) => all.map((one) => getComputedStyle(one).backgroundColor));
  expect(
    light.every((colour) =>
      colour
        .match(/\d+/g)!
        .slice(0, 3)
        .every((part) => Number(part) > 110),
    ),
  ).toBe(true);
  await page.goto('./?plain=1&zone=330110');
  await expect(page.locator('.legend .dots')).toBeVisible();
  await expect(classes).toHaveCount(0);
});
