// Query by an area of one's own: drawn, dragged, pasted, crossing itself, empty, put together; always the numbers of /summary.
import { expect, type Page, test } from '@playwright/test';
import { figure, open, quiet } from './page';

type Point = [number, number];
/** Presses the mouse on corners of the map, as slowly as a hand does. */
async function clicks(page: Page, corners: Point[]): Promise<Point> {
  const map = (await page.getByTestId('map').boundingBox())!;
  for (const [x, y] of corners) {
    await page.mouse.move(map.x + x, map.y + y, { steps: 4 });
    await page.waitForTimeout(80);
    await page.mouse.down();
    await page.mouse.up();
    await page.waitForTimeout(320);
  }
  return [map.x, map.y];
}
const tool = (page: Page) => expect(page.getByTestId('drawing-size')).toBeVisible();
/** The body of the last POST /summary, asked again apart from the page. */
async function agrees(page: Page, body: string | null): Promise<number> {
  await quiet(page);
  const answer = await page.request.post('./summary', { data: body!, headers: { 'content-type': 'application/json' } });
  const summary = await answer.json();
  expect(await figure(page, 'count')).toBe(summary.counts.matched);
  expect(await figure(page, 'revenue')).toBe(summary.totals.revenue.sum);
  for (const row of summary.clusters.filter((one: { code: string | null }) => one.code)) {
    const cell = page.getByTestId(`bar-${row.code}`).locator('td').first();
    expect(Number((await cell.textContent())!.replace(/\D/g, ''))).toBe(row.count);
  }
  return summary.counts.matched;
}
/** Remembers what the page asks last. */
function asked(page: Page): { body: () => string | null } {
  let last: string | null = null;
  page.on('request', (request) => {
    if (request.method() === 'POST' && request.url().endsWith('/summary')) last = request.postData();
  });
  return { body: () => last };
}

test('D, corners, Backspace, Enter: a polygon; a corner dragged, numbers follow, undo', async ({ page }) => {
  test.setTimeout(120_000);
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(String(error)));
  page.on('console', (said) => said.type() === 'error' && faults.push(said.text()));
  const question = asked(page);
  await open(page, './#9.03/30.19/120.136');
  const before = await page.evaluate(
    () => performance.getEntriesByType('resource').filter((one) => /terra/.test(one.name)).length,
  );
  expect(before, 'the drawing tool is fetched before anybody draws').toBe(0);
  await page.keyboard.press('d');
  await expect(page).toHaveURL(/mode=query/);
  await expect(page.getByTestId('drawing')).toContainText('Esc');
  await page.waitForTimeout(600);
  const [x, y] = await clicks(page, [
    [300, 250],
    [450, 240],
    [480, 380],
    [320, 400],
  ]);
  await expect(page.getByTestId('drawing-size')).toContainText('4 个顶点');
  await page.keyboard.press('Backspace');
  await expect(page.getByTestId('drawing-size')).toContainText('3 个顶点');
  await clicks(page, [[330, 420]]);
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/drawn=/);
  const first = await agrees(page, question.body());
  expect(first).toBeGreaterThan(100);
  await tool(page);
  await page.waitForTimeout(400);
  // the numbers change while the button is down
  await page.mouse.move(x + 480, y + 380);
  await page.mouse.down();
  for (let i = 0; i < 12; i++) {
    await page.mouse.move(x + 480 + i * 8, y + 380 + i * 4);
    await page.waitForTimeout(60);
  }
  await expect.poll(() => figure(page, 'count')).not.toBe(first);
  await page.mouse.up();
  const second = await agrees(page, question.body());
  expect(second).toBeGreaterThan(first);
  // where the hand came to rest is what the address says
  const address = page.url();
  await page.getByTestId('undo').click();
  await expect.poll(() => figure(page, 'count')).toBe(first);
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('drawing')).toHaveCount(0);
  await expect(page).toHaveURL(/drawn=/);
  expect(faults).toEqual([]);
  await open(page, address);
  expect(await figure(page, 'count')).toBe(second);
});

test('a rectangle and a circle', async ({ page }) => {
  const question = asked(page);
  await open(page, './?mode=query#10/30.25/120.15');
  await page.getByTestId('draw-rectangle').click();
  await page.waitForTimeout(600);
  await clicks(page, [
    [300, 250],
    [450, 380],
  ]);
  await expect(page).toHaveURL(/drawn=/);
  await agrees(page, question.body());
  await page.getByTestId('draw-circle').click();
  await page.waitForTimeout(400);
  await clicks(page, [
    [350, 300],
    [350, 360],
  ]);
  await expect(page).toHaveURL(/circle=/);
  await expect(page).not.toHaveURL(/drawn=/);
  await agrees(page, question.body());
  await expect(page.getByTestId('scope')).toContainText('米的圆');
  await page.getByTestId('chips-clear').click();
  await expect(page).not.toHaveURL(/circle=/);
  expect(await figure(page, 'count')).not.toBeNull();
});

test('corners typed by keyboard; an outline that crosses itself is shown and mended', async ({ page }) => {
  const question = asked(page);
  await open(page, './?mode=query');
  await page.locator('summary', { hasText: '输入或粘贴边界' }).focus();
  await page.keyboard.press('Enter');
  await page.getByTestId('boundary').fill('120.0, 30.1\n120.3, 30.4\n120.3, 30.1\n120.0, 30.4');
  await page.getByTestId('boundary').press('Tab');
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('fault')).toContainText('边界自己相交(红点处)');
  await expect(page.getByTestId('banner')).toHaveCount(0);
  await page.getByTestId('repair').click();
  await expect(page.getByTestId('fault')).toHaveCount(0);
  expect(await agrees(page, question.body())).toBeGreaterThan(100);
});

test('what is no boundary is said with its line; a file is', async ({ page }) => {
  const question = asked(page);
  await open(page, './?mode=query');
  await page.locator('summary', { hasText: '输入或粘贴边界' }).click();
  await page.getByTestId('boundary').fill('余杭区的边界');
  await page.getByTestId('boundary-take').click();
  await expect(page.getByTestId('boundary-fault')).toHaveText('粘贴的内容不是边界:第 1 行应为 GeoJSON、WKT 或 KML。');
  const ring = '120.1,30.2 120.3,30.2 120.3,30.35 120.1,30.35 120.1,30.2';
  const linear = `<LinearRing><coordinates>${ring}</coordinates></LinearRing>`;
  const kml = `<kml><Polygon><outerBoundaryIs>${linear}</outerBoundaryIs></Polygon></kml>`;
  await page
    .getByTestId('boundary-file')
    .setInputFiles({ name: 'area.kml', mimeType: 'application/xml', buffer: Buffer.from(kml) });
  await expect(page).toHaveURL(/drawn=/);
  expect(await agrees(page, question.body())).toBeGreaterThan(100);
});

test('nobody there: the nearest, and a circle that reaches them', async ({ page }) => {
  await open(page, './?mode=query&circle=120.44,30.1,100');
  expect(await figure(page, 'count')).toBe(0);
  await expect(page.getByTestId('nearest')).toContainText(/最近的企业在(正?[东南西北]{1,2}) [\d.,]+ (米|公里)处。/);
  await page.getByTestId('widen').click();
  await quiet(page);
  await expect.poll(() => figure(page, 'count')).toBeGreaterThan(0);
});

test('areas put together: union, difference, overlaps said and counted once', async ({ page }) => {
  const question = asked(page);
  await open(page, './?mode=query&zone=P11');
  const alone = await figure(page, 'count');
  await page.locator('summary', { hasText: '与其他范围组合' }).click();
  await page.getByTestId('combine-zone').selectOption('P09');
  await expect(page).toHaveURL(/combine=u:P09/);
  const both = await agrees(page, question.body());
  const corridor = (await (await page.request.get('./summary?zone=P09')).json()).counts.matched;
  expect(both).toBeLessThan(alone! + corridor);
  await expect(page.getByTestId('numbers')).toContainText(
    `其中 ${alone! + corridor - both} 家企业同时属于两个以上范围,只计一次`,
  );
  await expect(page.getByTestId('parts').locator('li')).toHaveCount(2);
  await page.locator('label', { hasText: '差' }).click();
  await page.getByTestId('combine-zone').selectOption('330106');
  await expect(page).toHaveURL(/combine=u:P09,d:330106/);
  expect(await agrees(page, question.body())).toBeLessThan(both);
  await page.goBack();
  await expect.poll(() => figure(page, 'count')).toBe(both);
});

test('a slow answer: old numbers greyed, seconds counted, given up without asking again', async ({ page }) => {
  await open(page, './?mode=query');
  const city = await figure(page, 'count');
  const late: string[] = [];
  await page.route('**/summary*', async (route) => {
    late.push(route.request().url());
    await new Promise((done) => setTimeout(done, 5000));
    await route.continue().catch(() => {}); // the reader gave up
  });
  await page.getByTestId('zone-330110').click();
  await expect(page.getByTestId('give-up')).toBeVisible();
  await expect(page.locator('.live')).toHaveCSS('opacity', '0.5');
  await page.getByTestId('give-up').click();
  await expect(page).not.toHaveURL(/zone=/);
  await quiet(page);
  expect(await figure(page, 'count')).toBe(city);
  expect(late).toHaveLength(1);
});
