// Plain mode: a browser without graphics acceleration sees pictures drawn by the server, and misses nothing else.
import { chromium, expect, type Page, test } from '@playwright/test';
import { figure, open, quiet } from './page';

/** A browser whose administrator forbids WebGL. */
const without = async (work: (page: Page) => Promise<void>, base: string): Promise<void> => {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-3d-apis', '--disable-gpu'],
  });
  try {
    await work(await browser.newPage({ baseURL: base, viewport: { width: 1366, height: 768 }, locale: 'zh-CN' }));
  } finally {
    await browser.close();
  }
};
/** How many colours a picture has, by the browser's own count. */
const picture = (page: Page): Promise<number> =>
  page.locator('[data-plain] img').evaluate(async (image: HTMLImageElement) => {
    await image.decode();
    const pen = new OffscreenCanvas(image.naturalWidth, image.naturalHeight).getContext('2d')!;
    pen.drawImage(image, 0, 0);
    const { data } = pen.getImageData(0, 0, image.naturalWidth, image.naturalHeight);
    return new Set(new Uint32Array(data.buffer)).size;
  });

test('without WebGL it says so and works: click, list, zoom by button, pan by key', async ({ baseURL }) => {
  await without(async (page) => {
    const faults: string[] = [];
    page.on('pageerror', (error) => faults.push(String(error)));
    await open(page);
    await expect(page.getByTestId('plain-note')).toHaveText(
      /当前浏览器不能使用图形加速,已切换到简洁模式,功能相同,地图为图片。/,
    );
    expect(await picture(page)).toBeGreaterThan(200);
    expect(await figure(page, 'count')).toBe(5000);

    // Yuhang is left above the middle of the layout
    const box = (await page.getByTestId('map').boundingBox())!;
    await page.mouse.click(box.x + box.width * 0.27, box.y + box.height * 0.25);
    await expect(page.getByTestId('scope')).toHaveText('余杭区');
    await expect(page).toHaveURL(/zone=330110/);
    await quiet(page);
    await expect(page.getByTestId('map')).toHaveAttribute('data-idle', 'true');

    const zoom = () => Number(new URL(page.url()).hash.slice(1).split('/')[0]);
    const [near, longitude] = [zoom(), () => Number(new URL(page.url()).hash.split('/')[2])];
    await page.getByRole('button', { name: '放大' }).click();
    expect(zoom()).toBeCloseTo(near + 1, 1);
    const [west, source] = [longitude(), await page.locator('[data-plain] img').getAttribute('src')];
    await page.getByTestId('map').focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    expect(longitude()).toBeGreaterThan(west);
    await expect(page.getByTestId('map')).toHaveAttribute('data-idle', 'true');
    expect(await page.locator('[data-plain] img').getAttribute('src')).not.toBe(source);

    await page.getByTestId('zone-330108').click();
    await expect(page.getByTestId('scope')).toHaveText('滨江区');
    await expect(page.getByTestId('map')).toHaveAttribute('data-idle', 'true');
    await page.getByTestId('map').focus();
    await page.keyboard.press('Enter');
    await expect(page.getByTestId('scope')).not.toHaveText('全市');
    expect(faults).toEqual([]);
  }, baseURL!);
});

test('comparison without WebGL: outlines of one scale and one set of classes, moved together', async ({ baseURL }) => {
  await without(async (page) => {
    await page.goto('./?mode=compare&zones=330110,330108,city');
    await expect(page.getByTestId('pair')).toHaveAttribute('data-idle', 'true');
    await expect(page.getByTestId('flat-note')).toBeVisible();
    const maps = page.getByTestId('pair').getByRole('application');
    const fills = (i: number) =>
      maps
        .nth(i)
        .locator('path[stroke-width="1"]')
        .evaluateAll((all) => all.map((one) => one.getAttribute('fill')));
    expect(await fills(0)).toEqual(await fills(1));
    expect(new Set(await fills(0)).size).toBeGreaterThan(2);
    const shape = (i: number) => maps.nth(i).locator('path').first().getAttribute('d');
    const [left, right] = [await shape(0), await shape(1)];
    await maps.first().focus();
    await page.keyboard.press('ArrowRight');
    expect(await shape(0)).not.toBe(left);
    expect(await shape(1)).not.toBe(right);
    await page.getByRole('button', { name: '回到所选区域' }).click();
    expect([await shape(0), await shape(1)]).toEqual([left, right]);
  }, baseURL!);
});

test('by choice, with the way back to the live map', async ({ page }) => {
  await open(page, './?plain=1&cluster=robot');
  await expect(page.locator('[data-plain] img')).toBeVisible();
  await page.getByRole('button', { name: '使用动态地图' }).click();
  await expect(page.locator('.maplibregl-canvas')).toBeVisible();
  await expect(page).not.toHaveURL(/plain/);
});

test('a picture that can’t be drawn says so and can be had again', async ({ page }) => {
  await page.route('**/map?*', (route) =>
    route.fulfill({
      status: 503,
      contentType: 'application/problem+json',
      body: JSON.stringify({ code: 'busy', detail: '正在绘制的地图太多,请稍后重试。' }),
    }),
  );
  await page.goto('./?plain=1');
  await expect(page.getByText('正在绘制的地图太多')).toBeVisible();
  expect(await page.getByTestId('figure-count').getAttribute('data-value')).toBe('5000');
  await page.unroute('**/map?*');
  await page.getByRole('alert').getByRole('button', { name: '重试' }).click();
  await expect(page.locator('[data-plain] img')).toBeVisible();
});

test('without JavaScript the collections are pages, and the map a picture', async ({ browser, baseURL }) => {
  const page = await (await browser.newContext({ javaScriptEnabled: false, baseURL: baseURL! })).newPage();
  await page.goto('./');
  await page.getByRole('link', { name: '数据集合' }).click();
  await page.locator('main, body').getByRole('link', { name: '企业名录' }).first().click();
  await expect(page.locator('body')).toContainText('示例');
  await page.goto('./');
  const map = await page.request.get(
    (await page.getByRole('link', { name: '全市布局图' }).getAttribute('href'))!.replace('./', `${baseURL}/`),
  );
  expect(map.headers()['content-type']).toBe('image/png');
});

test('hot areas lie over the picture, in the place of what they are of', async ({ baseURL }) => {
  await without(async (page) => {
    await open(page, `${baseURL}/?hot=areas`);
    await expect(page.getByTestId('hot-table').locator('tbody tr').first()).toBeVisible();
    const found = page.getByTestId('plain-found').locator('path');
    const rows = await page.getByTestId('hot-table').locator('tbody tr').count();
    await expect.poll(() => found.count()).toBeGreaterThanOrEqual(Math.min(rows, 20));
    // the first of the table is brought to the middle, and its outline with it
    await page.getByTestId('hot-table').locator('tbody button').first().click();
    await quiet(page);
    const map = (await page.getByTestId('map').boundingBox())!;
    const first = (await found.first().boundingBox())!;
    expect(first.x + first.width / 2).toBeGreaterThan(map.x);
    expect(first.x + first.width / 2).toBeLessThan(map.x + map.width);
    expect(first.y + first.height / 2).toBeGreaterThan(map.y);
    expect(first.width).toBeGreaterThan(20);
  }, baseURL!);
});
