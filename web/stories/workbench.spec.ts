// The planner's workbench: a row leads to the map, own areas are compared, panels agree, what is mapped is chosen, keys draw.
import { expect, test } from '@playwright/test';
import { clean, crossTo, drawn, HANDS, open, quiet } from './page';

test('a row leads to the map by mouse and by keyboard, and is not pinned above itself', async ({ page }) => {
  await open(page, './?mode=query&list=count');
  await page.getByTestId('row').nth(2).click();
  await expect(page).toHaveURL(/item=/);
  await expect.poll(() => Number(new URL(page.url()).hash.slice(1).split('/')[0])).toBeGreaterThan(11.5);
  await expect(page.getByTestId('row-chosen')).toHaveCount(0);
  await page.getByTestId('rows-window').focus();
  await page.keyboard.press('End');
  // out of sight it stands above the others
  await expect(page.getByTestId('row-chosen')).toBeVisible();
  await expect(page.locator('[aria-rowindex="5001"]')).toHaveAttribute('data-id', /./);
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('row-chosen')).toHaveCount(0);
});

test('a circle drawn straight after choosing the tool is a circle, with one area, and is compared under its name', async ({
  page,
}) => {
  await open(page, './?mode=query');
  const map = (await page.getByTestId('map').boundingBox())!;
  await page.getByTestId('draw-circle').click();
  await page.mouse.move(map.x + 350, map.y + 300);
  await page.mouse.down();
  for (let i = 0; i < 10; i++) await page.mouse.move(map.x + 350 + i * 8, map.y + 300 + i * 4);
  await page.mouse.up();
  await expect(page).toHaveURL(/circle=/);
  await quiet(page);
  const [, , radius] = new URL(page.url()).searchParams.get('circle')!.split(',').map(Number);
  await expect(page.getByTestId('radius')).toHaveValue(String(radius));
  const km2 = /([\d,.]+ km²)/.exec((await page.getByTestId('drawing-size').textContent())!)![1]!;
  await expect(page.getByTestId('numbers')).toContainText(km2);
  // by keyboard
  await page.getByTestId('radius').fill('3000');
  await page.getByTestId('radius').press('Enter');
  await expect(page).toHaveURL(/circle=[\d.,]+,3000/);
  await page.getByTestId('area-name').fill('东边');
  await page.getByTestId('area-name').press('Enter');
  await expect(page.getByTestId('column-area:0')).toContainText('东边');
  await page.getByTestId('area-name-0').fill('东边圆');
  await page.getByTestId('area-name-0').press('Enter');
  await expect(page.getByTestId('column-area:0')).toContainText('东边圆');
  // nothing but the two panels scrolls
  const main = page.locator('main');
  expect(await main.evaluate((box) => box.scrollHeight - box.clientHeight)).toBeLessThanOrEqual(1);
  await clean(page);
});

for (const [hand, hit] of HANDS) {
  test(`where the server has stopped, panel, chip, map and dialog are about one area, ${hand}`, async ({ page }) => {
    await open(page, './?zone=330108');
    await page.route(
      (url) => /\/(summary|zones|xyz|report|readyz|collections|map)\b/.test(url.pathname),
      (route) => route.abort(),
    );
    await hit(page.getByTestId('zone-330106'));
    await expect(page.getByTestId('scope')).toHaveText('西湖区');
    await expect(page.getByTestId('numbers-lost')).toBeVisible();
    await expect(page.getByTestId('figure-count')).toHaveCount(0);
    await expect(page.getByTestId('chip-area')).toContainText('西湖区');
    await hit(page.getByTestId('export'));
    await expect(page.getByTestId('report-scope').locator('option:checked')).toHaveText('西湖区');
    await hit(page.getByTestId('report-make'));
    await expect(page.getByTestId('report-dialog')).toContainText('断开');
    await hit(page.getByTestId('report-close'));
    await hit(page.getByTestId('go-back'));
    await expect(page.getByTestId('scope')).toHaveText('滨江区');
    await expect(page.getByTestId('figure-count')).toBeVisible();
  });
}

test('a circle and a rectangle are drawn by arrow keys', async ({ page }) => {
  await open(page, './?mode=query#11/30.25/120.15');
  await drawn(page);
  for (const [tool, said] of [
    ['circle', /circle=/],
    ['rectangle', /drawn=/],
  ] as const) {
    await page.getByTestId(`draw-${tool}`).focus();
    await page.keyboard.press('Enter');
    await expect(page.getByTestId('drawing')).toContainText('方向键');
    await page.keyboard.press('ArrowLeft');
    await crossTo(page, [120.13, 30.26]);
    await page.keyboard.press('Space');
    await crossTo(page, [120.18, 30.23]);
    await page.keyboard.press('Enter');
    await expect(page).toHaveURL(said);
    await quiet(page);
    // the centre is where the cross was
    const centre = new URL(page.url()).searchParams.get('circle')?.split(',').map(Number);
    if (tool === 'circle') expect(Math.hypot(centre![0]! - 120.13, centre![1]! - 30.26)).toBeLessThan(0.01);
  }
  await clean(page);
});

test('the card of what the pointer is on goes with a click', async ({ page }) => {
  await open(page);
  const map = (await page.getByTestId('map').boundingBox())!;
  await page.mouse.move(map.x + 300, map.y + 250, { steps: 4 });
  await expect(page.getByTestId('hover')).toBeVisible();
  await page.mouse.down();
  await page.mouse.up();
  await page.mouse.move(map.x + 302, map.y + 251);
  await expect(page.getByTestId('hover')).toHaveCount(0);
});

test('what is mapped is chosen: figure, classes, colours; address, legend and picture say the same', async ({
  page,
}) => {
  await open(page);
  await page.getByTestId('shade-open').click();
  await page.getByTestId('shade-by').selectOption('revenue');
  await page.getByTestId('shade-as').selectOption('density');
  await page.getByTestId('shade-cut').selectOption('quantile');
  await page.getByTestId('shade-classes').fill('4');
  await page.getByTestId('shade-classes').press('Enter');
  await page.getByTestId('ramp-yellow-blue').check({ force: true });
  await expect(page).toHaveURL(/choropleth=by:revenue,as:density,cut:quantile,classes:4,ramp:yellow-blue/);
  const asked = new URL(page.url()).searchParams.get('choropleth')!;
  const answer = await (
    await page.request.get('./choropleth', { params: { kind: 'district', choropleth: asked } })
  ).json();
  expect(answer.classes).toHaveLength(4);
  await expect(page.getByTestId('legend-title')).toContainText('密度');
  await expect(page.locator('.classes li')).toHaveCount(4);
  const swatch = page.locator('.classes li i').last();
  const rgb = answer.colors[3].match(/\w\w/g).map((two: string) => parseInt(two, 16));
  await expect(swatch).toHaveCSS('background-color', `rgb(${rgb.join(', ')})`);
  const picture = await page.request.get('./map', {
    params: { choropleth: asked, f: 'svg', legend: 'true', collections: 'districts,enterprises' },
  });
  const svg = (await picture.text()).toUpperCase();
  for (const colour of answer.colors) expect(svg).toContain(colour);
  await clean(page);
  // by keyboard, own breaks
  await page.getByTestId('shade-cut').focus();
  await page.getByTestId('shade-cut').selectOption('own');
  await page.getByTestId('shade-breaks').fill('ten');
  await page.getByTestId('shade-breaks').press('Enter');
  await expect(page.getByTestId('choropleth').getByRole('alert')).toBeVisible();
  await page.getByTestId('shade-breaks').fill('100, 1000');
  await page.getByTestId('shade-breaks').press('Enter');
  await expect(page).toHaveURL(/cut:100(%2F|\/)1000/);
  await expect(page.locator('.classes')).toContainText('≥ 1,000');
  await page.goBack();
});

test('the list of keys by mouse', async ({ page }) => {
  await open(page);
  await page.getByTestId('keys').click();
  await expect(page.getByTestId('shortcuts')).toContainText('Ctrl+Shift+Z');
  await page.getByTestId('shortcuts').getByRole('button').click();
  await expect(page.getByTestId('shortcuts')).toHaveCount(0);
});

test('keys: ? lists them, coordinates go to a place, arrows and space draw', async ({ page }) => {
  await open(page);
  await page.keyboard.press('?');
  await expect(page.getByTestId('shortcuts')).toBeVisible();
  await clean(page);
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('shortcuts')).toHaveCount(0);
  await page.keyboard.press('/');
  await page.keyboard.type('120.10,30.25');
  await expect(page.getByTestId('goto')).toBeVisible();
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/#1[23][\d.]*\/30\.2500\/120\.1000/);
  await page.keyboard.press('d');
  await expect(page.getByTestId('drawing')).toContainText('Esc');
  await drawn(page);
  const corner = async (...keys: string[]) => {
    for (const key of keys) await page.keyboard.press(key);
    await page.waitForTimeout(300);
    await page.keyboard.press(' ');
    await page.waitForTimeout(400);
  };
  await corner('Shift+ArrowLeft', 'Shift+ArrowLeft');
  await expect(page.getByTestId('cross')).toBeVisible();
  await corner('Shift+ArrowRight', 'Shift+ArrowRight', 'Shift+ArrowUp', 'Shift+ArrowUp');
  await corner('Shift+ArrowRight', 'Shift+ArrowDown', 'Shift+ArrowDown', 'Shift+ArrowDown');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/drawn=/);
});

test('distance, bearing and area are measured by clicks and by typed coordinates', async ({ page }) => {
  await open(page);
  const map = (await page.getByTestId('map').boundingBox())!;
  // the first click is a point, though the panel is still on its way
  let come = (): void => undefined;
  await page.route('**/Measure-*.js', async (route) => {
    await new Promise<void>((done) => (come = done));
    await route.continue();
  });
  await page.getByTestId('measure-open').click();
  for (const [x, y] of [
    [300, 250],
    [420, 250],
    [420, 380],
  ])
    await page.mouse.click(map.x + x!, map.y + y!);
  await expect(page.getByTestId('measure')).toHaveCount(0);
  come();
  expect(new URL(page.url()).searchParams.get('zone')).toBeNull();
  await expect(page.getByTestId('measure-area')).toContainText('km²');
  await expect(page.getByTestId('measure-bearing')).toContainText('18');
  // by keyboard: 0.1 degrees of latitude
  await page.getByTestId('measure').getByRole('button', { name: '清除' }).press('Enter');
  for (const point of ['120.10, 30.20', '120.10, 30.30']) {
    await page.getByTestId('measure-point').fill(point);
    await page.getByTestId('measure-point').press('Enter');
  }
  await expect(page.getByTestId('measure-distance')).toContainText('11.1');
  await expect(page.getByTestId('measure-bearing')).toHaveText('0.0°');
  // a scale is typed
  const zoom = () => Number(new URL(page.url()).hash.slice(1).split('/')[0]);
  await page.getByTestId('scale').fill('1:50,000');
  await page.getByTestId('scale').press('Enter');
  await expect(page.getByTestId('scale')).toHaveValue('50000');
  await expect.poll(zoom).toBeCloseTo(Math.log2((40_075_016.7 * Math.cos((30.25 * Math.PI) / 180)) / 512 / 14), 1);
  await page.getByTestId('measure-point').fill('somewhere');
  await page.getByTestId('measure-point').press('Enter');
  await expect(page.getByTestId('measure').getByRole('alert')).toBeVisible();
  await clean(page);
});

/** 120.155, 30.274 in EPSG:4549, by PROJ (`points.csv`). */
const PLANE = { north: 3_350_497.771, east: 514_914.127 };
for (const [hand, press] of HANDS)
  test(`the system of coordinates is chosen, or its code typed, and the search box reads it, ${hand}`, async ({
    page,
  }) => {
    await open(page);
    const map = (await page.getByTestId('map').boundingBox())!;
    const readout = page.getByTestId('readout');
    await page.mouse.move(map.x + 421, map.y + 381);
    await page.mouse.move(map.x + 420, map.y + 380);
    const [lon, lat] = (await readout.textContent())!.split(', ').map(Number) as [number, number];
    await press(page.getByTestId('readout-system'));
    const choice = page.getByTestId('readout-choice');
    const offered = await page.evaluate(async () => (await (await fetch('./systems')).json()).systems.length);
    // all of the data's, where longitude and latitude are those of the page, and the shifted one beside
    await expect(choice.getByRole('radio')).toHaveCount(offered + 1);
    await clean(page);
    await press(choice.getByRole('radio', { name: 'EPSG:4549' }));
    if (hand === 'by keyboard') await choice.getByRole('radio', { name: 'EPSG:4549' }).press(' ');
    await expect(page.getByTestId('readout-system')).toHaveText('EPSG:4549');
    // off the map it tells the middle
    await page.mouse.move(map.x - 100, map.y + 380);
    await expect(page.getByText('地图中心')).toBeVisible();
    await expect(readout).toHaveText(/^N 33\d{5}\.\d, E [45]\d{5}\.\d$/);
    // what is no system says so; a code of one that the data is not offered in is one more
    const code = page.getByTestId('readout-code');
    await code.fill('4610');
    await code.press('Enter');
    await expect(choice.getByRole('alert')).toContainText('Xian 1980');
    await code.fill('EPSG:32650');
    await press(choice.getByRole('button', { name: '采用' }));
    await expect(readout).toHaveText(/^E [78]\d{5}\.\d, N 33\d{5}\.\d$/);
    await expect(choice.getByRole('radio', { name: 'EPSG:32650' })).toBeChecked();
    await press(choice.getByRole('radio', { name: 'EPSG:4549' }));
    if (hand === 'by keyboard') {
      await choice.getByRole('radio', { name: 'EPSG:4549' }).press(' ');
      await page.keyboard.press('Escape');
      await expect(page.getByTestId('readout-system')).toBeFocused();
    } else await choice.getByRole('button', { name: '关闭' }).click();
    await expect(choice).toBeHidden();
    if (hand === 'by mouse') {
      await page.mouse.move(map.x + 421, map.y + 381);
      await page.mouse.move(map.x + 420, map.y + 380);
    }
    // remembered, and what the readout says is found again
    const said = (await readout.textContent())!;
    await page.reload();
    await drawn(page);
    await expect(page.getByTestId('readout-system')).toHaveText('EPSG:4549');
    const middle = new URL(page.url()).hash.slice(1).split('/').map(Number).slice(1);
    const found = page.getByTestId('goto');
    await page.getByTestId('search').fill(said);
    await expect(found).toContainText(/EPSG:4549/);
    const [x, y] = (await found.textContent())!.match(/-?\d+\.\d{5}/g)!.map(Number) as [number, number];
    if (hand === 'by mouse') expect(Math.hypot(x - lon, y - lat)).toBeLessThan(0.000_03);
    else expect(Math.hypot(x - middle[1]!, y - middle[0]!)).toBeLessThan(0.000_1);
    await page.getByTestId('search').fill(`${PLANE.north}, ${PLANE.east}`);
    await expect(found).toContainText('120.15500, 30.27400');
    if (hand === 'by mouse') await found.click();
    else await page.getByTestId('search').press('Enter');
    const camera = () => new URL(page.url()).hash.slice(1).split('/').map(Number);
    await expect.poll(() => Math.hypot(camera()[1]! - 30.274, camera()[2]! - 120.155)).toBeLessThan(0.02);
  });
