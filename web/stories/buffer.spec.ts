// What lies within a distance: around a feature from its card, around a drawn line, changed, wrong, put together, in a file.
import { expect, type Page, test } from '@playwright/test';
import { clean, figure, open, quiet, save } from './page';

/** The body of the last POST /summary. */
function asked(page: Page): { body: () => string | null } {
  let last: string | null = null;
  page.on('request', (request) => {
    if (request.method() === 'POST' && request.url().endsWith('/summary')) last = request.postData();
  });
  return { body: () => last };
}
async function agrees(page: Page, body: string | null): Promise<number> {
  await quiet(page);
  const answer = await page.request.post('./summary', { data: body!, headers: { 'content-type': 'application/json' } });
  const summary = await answer.json();
  expect(summary.zone.kind).toBe('buffer');
  expect(await figure(page, 'count')).toBe(summary.counts.matched);
  return summary.counts.matched;
}
/** A line of the layout, and its name. */
async function line(page: Page): Promise<{ id: string; name: string }> {
  const answer = await page.request.get('./collections/layout/items?limit=100');
  const { features } = await answer.json();
  const found = features.find((one: { geometry: { type: string } }) => one.geometry.type === 'LineString');
  return { id: found.id, name: found.properties.name };
}

test('from the card of a line: two kilometres, by keyboard; farther is more; nonsense is said', async ({ page }) => {
  const question = asked(page);
  await page.goto('./');
  const { id, name } = await line(page);
  await open(page, `./?item=layout:${id}`);
  const whole = await figure(page, 'count');
  await page.getByTestId('near').focus();
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('near-distance')).toBeFocused();
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.type('2');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(new RegExp(`buffer=layout:${id}%2F2000`));
  await expect(page.getByTestId('scope')).toHaveText(`距${name} 2000 米以内`);
  const near = await agrees(page, question.body());
  expect(near).toBeGreaterThan(20);
  expect(near).toBeLessThan(whole!);
  const asks = () => new URL(page.url()).search;
  const address = asks();
  for (const [text, unit] of [
    ['0', '1'],
    ['-3', '1000'],
    ['', '1'],
    ['abc', '1'],
    ['1e9', '1000'],
  ] as const) {
    await page.getByTestId('near-distance').fill(text);
    await page.getByTestId('near-unit').selectOption(unit);
    await page.getByTestId('near-show').click();
    await expect(page.getByTestId('near-form').getByRole('alert')).toContainText('1 米至 500 公里');
    expect(asks()).toBe(address);
  }
  await clean(page);
  await page.getByTestId('near-distance').fill('3500');
  await page.getByTestId('near-unit').selectOption('1');
  await page.getByTestId('near-show').click();
  await expect(page).toHaveURL(/%2F3500/);
  expect(await agrees(page, question.body())).toBeGreaterThan(near);
  // the address alone shows the same, and a file has its name and rows
  await open(page, `./${address}`);
  expect(await figure(page, 'count')).toBe(near);
  const { bytes } = await save(page, 'csv');
  expect(bytes.toString('utf8').trim().split('\n').length).toBe(near + 1);
});

test('a line is drawn, has a width, is changed by hand and by number, and taken back', async ({ page }) => {
  test.setTimeout(120_000);
  const question = asked(page);
  await open(page, './?mode=query#10/30.25/120.15');
  await page.getByTestId('draw-line').click();
  await page.waitForTimeout(600);
  const map = (await page.getByTestId('map').boundingBox())!;
  for (const [x, y] of [
    [300, 300],
    [420, 320],
    [440, 420],
  ] as const) {
    await page.mouse.move(map.x + x, map.y + y, { steps: 4 });
    await page.waitForTimeout(80);
    await page.mouse.down();
    await page.mouse.up();
    await page.waitForTimeout(320);
  }
  await expect(page.getByTestId('drawing-size')).toContainText('长');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/buffer=!/);
  const first = await agrees(page, question.body());
  expect(JSON.parse(question.body()!).buffer).toMatchObject({ geometry: { type: 'LineString' }, distance_m: 1000 });
  await page.getByTestId('near-distance').fill('2.5');
  await page.getByTestId('near-show').click();
  await expect.poll(() => figure(page, 'count')).toBeGreaterThan(first);
  const second = await agrees(page, question.body());
  // a bend is dragged: the numbers follow, and back
  await page.waitForTimeout(500);
  await page.mouse.move(map.x + 420, map.y + 320);
  await page.mouse.down();
  for (let i = 0; i < 12; i++) {
    await page.mouse.move(map.x + 420 - i * 2, map.y + 320 - i * 8);
    await page.waitForTimeout(60);
  }
  await page.mouse.up();
  await expect.poll(() => figure(page, 'count')).not.toBe(second);
  await agrees(page, question.body());
  await page.getByTestId('undo').click();
  await expect.poll(() => figure(page, 'count')).toBe(second);
  await page.keyboard.press('Escape');
  await expect(page).toHaveURL(/buffer=!/);
});

test('around a zone, kept to be compared; in English', async ({ page }) => {
  await open(page, './?mode=query&lang=en&zone=330106');
  const inside = await figure(page, 'count');
  await page.getByTestId('near').click();
  await page.getByTestId('near-distance').fill('500');
  await page.getByTestId('near-unit').selectOption('1');
  await page.getByTestId('near-show').click();
  await expect(page.getByTestId('scope')).toContainText('within 500 m of');
  await quiet(page);
  expect(await figure(page, 'count')).toBeGreaterThan(inside!);
  await page.getByTestId('area-name').fill('A ring');
  await page.getByTestId('compare-area').click();
  await expect(page).toHaveURL(/mode=compare/);
  await expect(page.getByText('A ring').first()).toBeVisible();
});
