// J4: a department's table comes in, is looked at, corrected, published; and is taken back.
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import { clean, drawn, figure, HANDS, open } from './page';
import { type Served, serve } from './server';

const HEAD = '企业名称,所属区县,所属集群,2025年营业收入(万元),经度,纬度';
const firm = (n: number, cluster = '视觉智能', revenue: number | string = 100 + n, east = 0): string => {
  const [lon, lat] = [120.05 + (n % 40) / 1000 + east, 30.2 + Math.floor(n / 40) / 1000];
  const name = `杭州测试${String(n).padStart(4, '0')}有限公司`;
  return [name, '西湖区', cluster, revenue, lon.toFixed(5), lat.toFixed(5)].join(',');
};
const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);
const table = (name: string, rows: string[]) => ({
  name,
  mimeType: 'text/csv',
  buffer: Buffer.from(`${[HEAD, ...rows].join('\n')}\n`),
});
const OCTOBER = table(
  '十月名录.csv',
  range(0, 200).map((n) => firm(n)),
);
/** 20 not named any more, 30 with other revenue, 5 elsewhere, 4 faulty, 12 with a word in no codelist, 10 new. */
const NOVEMBER = table('十一月名录.csv', [
  ...range(20, 50).map((n) => firm(n, '视觉智能', 5000 + n)),
  ...range(50, 55).map((n) => firm(n, '视觉智能', 100 + n, 0.02)),
  ...range(55, 59).map((n) => firm(n, '视觉智能', '很多')),
  ...range(59, 71).map((n) => firm(n, '智能视觉')),
  ...range(71, 200).map((n) => firm(n)),
  ...range(900, 910).map((n) => firm(n)),
]);

const give = (page: Page, file: typeof OCTOBER) => page.getByTestId('file').setInputFiles(file);
const checked = (page: Page) => expect(page.getByTestId('import-report')).toHaveAttribute('aria-busy', 'false');
const counts = (page: Page) =>
  page
    .locator('[data-testid^=class-]')
    .evaluateAll((all) =>
      Object.fromEntries(
        all.map((one) => [one.getAttribute('data-testid')!.slice(6), Number(one.getAttribute('data-count'))]),
      ),
    );
/** The system of the positions is said, as these few rows in one district can't tell. */
const say = async (page: Page) => {
  await page.getByTestId('crs').selectOption('wgs84');
  await expect(page.getByTestId('verdict')).toHaveAttribute('data-certainty', 'given');
  await checked(page);
};
async function publish(page: Page, file: typeof OCTOBER, version: number) {
  await give(page, file);
  await checked(page);
  if ((await page.getByTestId('verdict').getAttribute('data-certainty')) !== 'given') await say(page);
  await page.getByTestId('publish').click();
  await expect(page.getByTestId('made')).toHaveAttribute('data-version', String(version));
}

test.describe('with a data folder', () => {
  let server: Served;
  test.beforeEach(async () => {
    server = await serve('--data-dir', mkdtempSync(join(tmpdir(), 'shigu-story-')));
  });
  test.afterEach(() => server.stop());

  test('from the table to the version, and back again', async ({ page }) => {
    await open(page, `${server.base}/`);
    const sample = await figure(page, 'count');
    await page.getByTestId('mode-data').click();
    await expect(page.getByTestId('version-0')).toContainText('当前');
    await publish(page, OCTOBER, 1);
    await page.getByTestId('made-map').click();
    await drawn(page);
    await expect(page.getByTestId('figure-count')).toHaveAttribute('data-value', '200');
    await expect(page.locator('header .chip.sample')).toHaveCount(0);
    await expect(page.getByTestId('status-version')).toContainText('v1');

    await page.getByTestId('mode-data').click();
    await give(page, NOVEMBER);
    await checked(page);
    // what was said of the first file counts for the second with the same columns
    await expect(page.getByTestId('verdict')).toHaveAttribute('data-certainty', 'given');
    expect(await counts(page)).toEqual({ new: 10, changed: 30, moved: 5, absent: 20, problem: 4, unchanged: 141 });
    await expect(page.getByTestId('import-rows')).toContainText('不是数字');
    await expect(page.getByTestId('words')).toContainText('智能视觉');
    await page.getByTestId('words-suggested').click();
    await expect(page.getByTestId('words')).toBeHidden();
    await checked(page);
    await page.getByTestId('class-moved').click();
    await expect(page.getByTestId('import-rows')).toHaveAttribute('data-matched', '5');
    await expect(page.locator('line.move')).toHaveCount(5);
    await page.getByTestId('absent').check();
    await checked(page);
    const [faults] = await Promise.all([page.waitForEvent('download'), page.getByTestId('faults').click()]);
    expect(
      readFileSync(await faults.path())
        .subarray(0, 2)
        .toString(),
    ).toBe('PK');
    await page.getByTestId('note').fill('十一月报表');
    await page.getByTestId('publish').click();
    await expect(page.getByTestId('made')).toContainText('另有 4 行有问题');
    await expect(page.getByTestId('version-2')).toContainText('十一月报表');

    await page.getByTestId('look-2').click();
    await expect(page.getByTestId('changes')).toContainText('移出');
    await page.getByTestId('restore-0').click();
    await page.getByTestId('restore-yes').click();
    await expect(page.getByTestId('version-3')).toContainText('还原自 v0');
    await page.getByTestId('mode-browse').click();
    await expect(page.getByTestId('figure-count')).toHaveAttribute('data-value', String(sample));
    await expect(page.locator('header .chip.sample').first()).toBeVisible();
  });

  test('nothing changes before it is published, and the address brings the file back', async ({ page }) => {
    await page.goto(`${server.base}/?mode=data`);
    await give(page, OCTOBER);
    await checked(page);
    await page.reload();
    await checked(page);
    expect((await counts(page)).new).toBe(200);
    await page.getByTestId('import-drop').click();
    await expect(page.getByTestId('drop')).toBeVisible();
    expect(page.url()).not.toContain('import=');
    expect(await (await page.request.get(`${server.base}/imports`)).json()).toEqual({ imports: [] });
    expect((await (await page.request.get(`${server.base}/versions`)).json()).current).toBe(0);
  });

  for (const [hand, hit] of HANDS) {
    test(`why it can’t be published stands beside the button, which leads there; a file is deleted ${hand}`, async ({
      page,
    }) => {
      await page.goto(`${server.base}/?mode=data`);
      await give(page, OCTOBER);
      await checked(page);
      await expect(page.locator('#blocked')).toBeVisible();
      const publish = page.getByTestId('publish');
      await expect(publish).toHaveAttribute('aria-disabled', 'true');
      if (hand === 'by mouse') await publish.click({ force: true });
      else await publish.press('Enter');
      await expect(page.getByTestId('crs')).toBeFocused();
      // left as it is, it waits below, and is deleted once its reader is sure
      await page.goto(`${server.base}/?mode=data`);
      const file = page.getByTestId('waiting').locator('li');
      await expect(file).toHaveCount(1);
      await hit(file.getByRole('button', { name: /十月名录/ }).last());
      await expect(page.locator('[data-testid^=upload-drop-]')).toBeFocused();
      await clean(page);
      await hit(page.locator('[data-testid^=upload-drop-]'));
      await expect(page.getByTestId('waiting')).toHaveCount(0);
      await expect(page.getByTestId('choose-file')).toBeFocused();
    });
  }

  test('a version is gone back to by keyboard', async ({ page }) => {
    await page.goto(`${server.base}/?mode=data`);
    await publish(page, OCTOBER, 1);
    await page.getByTestId('restore-0').focus();
    await page.keyboard.press('Enter');
    await expect(page.getByTestId('restore-yes')).toBeFocused();
    await page.keyboard.press('Enter');
    await expect(page.getByTestId('version-2')).toContainText('还原自 v0');
  });

  test('a file dropped on the map is one on its way in', async ({ page }) => {
    await open(page, `${server.base}/`);
    const data = await page.evaluateHandle((text) => {
      const carried = new DataTransfer();
      carried.items.add(new File([text], '名录.csv', { type: 'text/csv' }));
      return carried;
    }, OCTOBER.buffer.toString());
    await page.getByTestId('map').dispatchEvent('drop', { dataTransfer: data });
    await checked(page);
    expect((await counts(page)).new).toBe(200);
    expect(page.url()).toContain('mode=data');
  });

  test('a link that was passed on before tells of newer data, and what has changed', async ({ page }) => {
    await page.goto(`${server.base}/?mode=data`);
    await publish(page, OCTOBER, 1);
    await page.getByTestId('mode-browse').click();
    await page.getByTestId('zone-330106').click();
    await page.getByTestId('share').click();
    const link = await page.getByTestId('share-full').inputValue();
    expect(link).toContain('data=v1');
    await page.goto(link);
    await expect(page.getByTestId('figure-count')).toHaveAttribute('data-value', '200');
    await expect(page.getByTestId('since')).toHaveCount(0);
    await page.goto(`${server.base}/?mode=data`);
    await publish(page, NOVEMBER, 2);
    await page.goto(link);
    await expect(page.getByTestId('since')).toContainText('v1');
    await expect(page.getByTestId('since')).toContainText('v2');
    await clean(page);
    await page.getByTestId('since-look').click();
    await expect(page.getByTestId('since-then').locator('li').first()).toBeVisible();
    await expect(page.getByTestId('since-then')).toContainText('v1');
    await clean(page);
    await page.getByTestId('since-then').getByRole('button').click();
    await expect(page).not.toHaveURL(/data=v1/);
  });

  test('what can not be read is said, with what to do', async ({ page }) => {
    await page.goto(`${server.base}/?mode=data`);
    await give(page, {
      name: '照片.png',
      mimeType: 'image/png',
      buffer: Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 1, 2, 3]),
    });
    await expect(page.getByTestId('import-refusal')).toContainText('照片.png');
    await expect(page.getByTestId('import-fault')).not.toBeEmpty();
    await page.getByTestId('import-refusal').getByRole('button').click();
    await give(page, OCTOBER);
    await checked(page);
    await server.stop();
    await page.getByTestId('class-new').click();
    await page.getByTestId('crs').selectOption('wgs84');
    await expect(page.getByTestId('import-fault')).toContainText('与服务器断开');
    server = await serve();
  });

  test('numbers that would not arrive are said openly before anything is submitted', async ({ page }) => {
    await open(page, `${server.base}/`);
    await page.getByTestId('mode-data').click();
    const head = '企业名称,所属区县,所属集群,2025年营业收入(万美元),研发投入,经度,纬度';
    const rows = range(0, 30).map((n) => firm(n).replace(/,(120\.)/, `,${n}.5,$1`));
    await give(page, { ...OCTOBER, buffer: Buffer.from(`${[head, '合计,,,1000,9,,', ...rows].join('\n')}\n`) });
    await checked(page);
    // open without a click, and not among the remarks
    const lost = page.getByTestId('lost');
    await expect(lost).toBeVisible();
    for (const said of ['万美元', '研发投入', '30 个数值']) await expect(lost).toContainText(said);
    expect(await counts(page)).toMatchObject({ new: 30, problem: 0 });
    await expect(page.locator('.remarks')).not.toContainText('研发投入');
  });

  test('of several layers the planner picks one, and what was said of it last time is remembered', async ({ page }) => {
    const layers = {
      name: '各区.gpkg',
      mimeType: 'application/geopackage+sqlite3',
      buffer: readFileSync('../tests/import/files/layers.gpkg'),
    };
    await page.goto(`${server.base}/?mode=data`);
    await publish(page, OCTOBER, 1);
    await give(page, layers);
    await expect(page.getByTestId('import-refusal')).toContainText('请选一个');
    await clean(page);
    await page.getByTestId('sheets').selectOption('滨江');
    await checked(page);
    await expect(page.getByTestId('import-report').locator('header')).toContainText('40');
    await clean(page);
    await page.getByTestId('sheets').selectOption('萧山');
    await checked(page);
    await expect(page.getByTestId('class-new')).toHaveAttribute('data-count', '3');
    await say(page);
    await page.getByTestId('publish').click();
    await expect(page.getByTestId('made')).toHaveAttribute('data-version', '2');
    await give(page, layers);
    await page.getByTestId('sheets').selectOption('滨江');
    await expect(page.getByTestId('verdict')).toHaveAttribute('data-certainty', 'given');
  });

  test('by keyboard alone', async ({ page }) => {
    // listened for from the start: asked for together with the key, the browser's own window is sometimes faster
    const chooser = page.waitForEvent('filechooser');
    await page.goto(`${server.base}/?mode=data`);
    await page.getByTestId('choose-file').focus();
    await page.keyboard.press('Enter');
    await (await chooser).setFiles(OCTOBER);
    await checked(page);
    await page.getByTestId('crs').focus();
    await page.keyboard.press('ArrowDown');
    await expect(page.getByTestId('verdict')).toHaveAttribute('data-certainty', 'given');
    await checked(page);
    await page.getByTestId('note').focus();
    await page.keyboard.type('键盘');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await expect(page.getByTestId('publish')).toBeFocused();
    await page.keyboard.press('Enter');
    await expect(page.getByTestId('made')).toHaveAttribute('data-version', '1');
  });

  for (const [name, size] of [
    ['desktop', { width: 1366, height: 768 }],
    ['phone', { width: 390, height: 844 }],
  ] as const) {
    for (const suffix of ['theme=light&lang=zh', 'theme=dark&lang=en']) {
      test(`every screen by axe, ${name}, ${suffix}`, async ({ page }) => {
        await page.setViewportSize(size);
        await page.goto(`${server.base}/?mode=data&${suffix}`);
        await expect(page.getByTestId('version-0')).toBeVisible();
        await clean(page);
        await publish(page, OCTOBER, 1);
        await clean(page);
        await give(page, NOVEMBER);
        await checked(page);
        await page.getByTestId('columns').locator('summary').click();
        await clean(page);
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(size.width);
        await page.getByTestId('import-drop').click();
        await give(page, { name: 'x.png', mimeType: 'image/png', buffer: Buffer.from([0x89, 0x50, 0, 1]) });
        await expect(page.getByTestId('import-refusal')).toBeVisible();
        await clean(page);
      });
    }
  }
});

test('without a data folder there is no such tab, and the address says why', async ({ page }) => {
  await open(page);
  await expect(page.getByTestId('mode-data')).toHaveCount(0);
  await page.goto('./?mode=data');
  await expect(page.getByTestId('data')).toContainText('--data-dir');
});

test('who may only read sees versions and no way to change them', async ({ page }) => {
  const server = await serve('--data-dir', mkdtempSync(join(tmpdir(), 'shigu-story-')), '--disclose', 'aggregates');
  await page.goto(`${server.base}/?mode=data`);
  await expect(page.getByTestId('data')).toContainText('编辑权限');
  await expect(page.getByTestId('version-0')).toBeVisible();
  await expect(page.getByTestId('drop')).toHaveCount(0);
  await server.stop();
});
