// Conditions and rows: a sentence for the filter, one filter for map, numbers, list and file; the rows behind each figure.
import { expect, test } from '@playwright/test';
import { drawn, figure, open, quiet, save } from './page';

const number = (text: string | null): number => Number((text ?? '').replace(/\D/g, ''));

test('conditions by form: a sentence, chips, and every resource asked with them', async ({ page }) => {
  const urls: string[] = [];
  page.on('request', (request) => urls.push(decodeURIComponent(request.url()).replace(/\+/g, ' ')));
  await open(page, './?mode=query#12/30.22/120.2');
  await page.getByTestId('condition-add').click();
  await page.getByTestId('property-0').selectOption('above_scale');
  await expect(page).toHaveURL(/filter=above_scale/);
  await page.getByTestId('condition-add').click();
  await page.getByTestId('property-1').selectOption('cluster');
  await page.getByTestId('value-1').getByRole('button', { name: '视觉智能' }).click();
  await page.getByTestId('condition-add').click();
  await page.getByTestId('property-2').selectOption('founded');
  await page.getByTestId('value-2').fill('2020');
  await expect(page.getByTestId('sentence')).toHaveText('规上 且 视觉智能 且 成立年份 ≥ 2020');
  await expect(page.getByTestId('chip-condition-2')).toContainText('成立年份 ≥ 2020');
  await quiet(page);
  const filter = "above_scale = TRUE AND cluster IN ('vision') AND founded >= 2020";
  const summary = await (await page.request.get('./summary', { params: { filter } })).json();
  expect(await figure(page, 'count')).toBe(summary.counts.matched);
  await drawn(page);
  for (const resource of ['/summary?', '/zones?kind=district', '/xyz/enterprises/'])
    expect(
      urls.some((url) => url.includes(resource) && url.includes(filter)),
      resource,
    ).toBe(true);
  // the legend's counts follow
  expect(number(await page.getByTestId('cluster-robot').locator('.count').textContent())).toBe(0);
  await save(page, 'csv');
  expect(decodeURIComponent(urls.findLast((url) => url.includes('format=csv'))!).replace(/\+/g, ' ')).toContain(filter);
  await page.getByTestId('chip-condition-0').click();
  await expect(page.getByTestId('sentence')).toHaveText('视觉智能 且 成立年份 ≥ 2020');
  await page.getByTestId('chips-clear').click();
  await expect(page).not.toHaveURL(/filter=/);
});

test('conditions as text: the place of a fault is shown, OR is understood', async ({ page }) => {
  await open(page, './?mode=query');
  const all = await figure(page, 'count');
  await page.locator('summary', { hasText: '用文字编辑' }).click();
  await page.getByTestId('cql').fill('founded >= AND');
  await page.getByTestId('cql').press('Enter');
  await expect(page.getByTestId('cql-fault')).toContainText('第 12 个字符');
  await expect(page.getByTestId('cql-fault').locator('mark')).toHaveText('A');
  expect(await page.getByTestId('cql').evaluate((box: HTMLTextAreaElement) => box.selectionStart)).toBe(11);
  await expect(page).not.toHaveURL(/filter=/);
  // a class by its name is that by its code
  const counts = [];
  for (const word of ['视觉智能', 'vision']) {
    await page.getByTestId('cql').fill(`cluster = '${word}'`);
    await page.getByTestId('cql').press('Enter');
    await expect(page).toHaveURL(new RegExp(encodeURIComponent(word)));
    await quiet(page);
    counts.push(await figure(page, 'count'));
  }
  expect(counts[0]).toBeLessThan(all!);
  expect(counts[0]).toBe(counts[1]);
  await page.getByTestId('cql').fill("size = 'large' OR founded < 2000");
  await page.getByTestId('cql').press('Enter');
  await expect(page).toHaveURL(/filter=/);
  await quiet(page);
  expect(await figure(page, 'count')).toBeLessThan(all!);
  await expect(page.getByTestId('conditions')).toContainText('只能用文字修改');
});

test('every figure opens its rows with definition and gaps; sorted by the server', async ({ page }) => {
  await open(page, './?zone=330108');
  const count = await figure(page, 'count');
  await page.getByTestId('rows-count').click();
  await expect(page).toHaveURL(/mode=query.*list=count/);
  await expect(page.getByTestId('rows')).toHaveAttribute('data-total', String(count));
  await expect(page.getByTestId('rows-meaning')).toContainText('每家只计一次');
  await page.getByTestId('rows-revenue').click();
  await expect(page.getByTestId('rows-meaning')).toContainText('缺数不估算');
  const revenue = async () => {
    const heads = await page.getByTestId('rows').getByRole('columnheader').allTextContents();
    const column = heads.findIndex((head) => head.includes('营业收入')) + 1;
    const cells = page.getByTestId('row').locator(`span:nth-child(${column})`);
    return (await cells.allTextContents()).map((text) => Number(text.replace(/,/g, '')));
  };
  // the old order stays in view until the server's answer is there
  let shown: number[] = [];
  await expect(async () => {
    shown = await revenue();
    expect(shown.length).toBeGreaterThan(5);
    expect(shown).toEqual([...shown].sort((a, b) => b - a));
  }).toPass();
  const best = await (
    await page.request.get('./collections/enterprises/items?zone=330108&sortby=-revenue_2025&limit=1')
  ).json();
  expect(shown[0]).toBe(best.features[0].properties.revenue_2025);
  // the missing count is the number of rows behind it
  const gaps = number(await page.getByTestId('gaps-revenue').textContent());
  await page.getByTestId('rows-missing').click();
  await expect(page.getByTestId('rows')).toHaveAttribute('data-total', String(gaps));
  await page.getByTestId('rows-cluster-robot').click();
  await expect(page.getByTestId('rows')).toHaveAttribute(
    'data-total',
    String(number(await page.getByTestId('rows-cluster-robot').textContent())),
  );
  await page.getByTestId('sort-founded').click();
  await expect(page).toHaveURL(/sort=founded/);
  await page.getByTestId('sort-founded').click();
  await expect(page).toHaveURL(/sort=-founded/);
  await expect(page.getByRole('columnheader', { name: '成立年份' })).toHaveAttribute('aria-sort', 'descending');
  await page.getByTestId('rows-close').click();
  await expect(page.getByTestId('rows')).toHaveCount(0);
});

test('rows and map point at each other; by keyboard to the last row', async ({ page }) => {
  await open(page, './?mode=query&list=count');
  await expect(page.getByTestId('rows')).toHaveAttribute('data-total', '5000');
  const window = page.getByTestId('rows-window');
  await window.focus();
  for (let i = 0; i < 3; i++) await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  const third = await page.getByTestId('row').nth(3).getAttribute('data-id');
  await expect(page).toHaveURL(new RegExp(`item=enterprises:${third}`));
  // in sight it is marked where it stands; out of sight it stands above the others
  await expect(page.getByTestId('row-chosen')).toHaveCount(0);
  await expect(page.getByTestId('row').nth(3)).toHaveClass(/chosen/);
  await expect(page.getByTestId('point-card')).toBeVisible();
  await page.keyboard.press('End');
  await expect(page.getByTestId('row-chosen')).toHaveAttribute('data-id', third!);
  await expect(page.locator('[aria-rowindex="5001"]')).toHaveAttribute('data-id', /./);
  await page.keyboard.press('Escape');
  await expect(page).not.toHaveURL(/item=/);
  // pages that are scrolled past are not all fetched
  const fetched: string[] = [];
  page.on('request', (request) => request.url().includes('/search?') && fetched.push(request.url()));
  await window.evaluate((box) => (box.scrollTop = 0));
  for (let i = 0; i < 20; i++) {
    await window.evaluate((box) => (box.scrollTop += 3000));
    await page.waitForTimeout(16);
  }
  await expect(page.getByTestId('row').first()).toHaveAttribute('data-id', /./);
  expect(fetched.length).toBeLessThan(20);
});

test('on a phone: chosen and read, not drawn', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await open(page, './?mode=query&zone=330110');
  await page.getByRole('tab').nth(1).click();
  await expect(page.getByTestId('conditions')).toBeVisible();
  await expect(page.getByTestId('draw-polygon')).toHaveCount(0);
  await page.getByRole('tab').first().click();
  await page.getByTestId('open-rows').click();
  await expect(page.getByTestId('row').first()).toHaveAttribute('data-id', /./);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
});

test('layers fade, and the address says so', async ({ page }) => {
  await open(page);
  await page.locator('summary', { hasText: '图层透明度' }).click();
  await page.getByTestId('opacity-axis').fill('30');
  await expect(page).toHaveURL(/opacity=axis:30/);
  await drawn(page);
});

test('a stack of firms opens as the list that its number counts; the pointer names what it is on', async ({ page }) => {
  const { features } = await (await page.request.get('./collections/enterprises/items?limit=10000')).json();
  // cells of zoom 17, of which the map makes eight a side: worked out here apart from the page
  const n = 2 ** 20;
  const cells = new Map<string, [number, number][]>();
  for (const one of features) {
    if (!one.geometry || one.properties.location_class === 'area') continue;
    const [lon, lat] = one.geometry.coordinates as [number, number];
    const [x, y] = [((lon + 180) / 360) * n, ((1 - Math.asinh(Math.tan((lat * Math.PI) / 180)) / Math.PI) / 2) * n];
    const key = `${Math.floor(x)} ${Math.floor(y)}`;
    cells.set(key, [...(cells.get(key) ?? []), [x, y]]);
  }
  const [key, points] = [...cells].reduce((a, b) => (b[1].length > a[1].length ? b : a));
  expect(points.length).toBeGreaterThan(1);
  const middle = key.split(' ').map((part) => Number(part) + 0.5);
  const [x, y] = [0, 1].map(
    (axis) => middle[axis]! + 0.4 * (points.reduce((sum, p) => sum + p[axis]!, 0) / points.length - middle[axis]!),
  ) as [number, number];
  const lat = (Math.atan(Math.sinh(Math.PI * (1 - (2 * y) / n))) * 180) / Math.PI;
  await open(page, `./?layers=districts#17.3/${lat}/${(x / n) * 360 - 180}`);
  const map = (await page.getByTestId('map').boundingBox())!;
  const [cx, cy] = [map.width / 2, map.height / 2];
  await page.mouse.move(map.x + cx - 3, map.y + cy, { steps: 3 });
  await page.mouse.move(map.x + cx, map.y + cy, { steps: 3 });
  await expect(page.getByTestId('hover')).toContainText(`此处 ${points.length} 家企业`);
  await expect(page.getByTestId('hover')).toContainText('来源');
  await page.getByTestId('map').click({ position: { x: cx, y: cy } });
  await expect(page.getByTestId('cell-card').getByRole('listitem')).toHaveCount(points.length);
});
