// The base map of the house: tiles of another origin, or a file served in ranges; one that does not answer harms nothing.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { expect, type Page, test } from '@playwright/test';
import { drawn, figure, HANDS, open } from './page';
import { PROGRAM, type Served, serve } from './server';

/** A PNG of one colour, 256 a side. */
function square(r: number, g: number, b: number): Buffer {
  const crc = (bytes: Buffer) => {
    let c = ~0;
    for (const byte of bytes) {
      c ^= byte;
      for (let k = 0; k < 8; k++) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1;
    }
    return ~c >>> 0;
  };
  const chunk = (name: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(name), data]);
    const out = Buffer.alloc(body.length + 8);
    out.writeUInt32BE(data.length, 0);
    body.copy(out, 4);
    out.writeUInt32BE(crc(body), body.length + 4);
    return out;
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(256, 0);
  head.writeUInt32BE(256, 4);
  head.set([8, 2, 0, 0, 0], 8);
  const row = Buffer.concat([Buffer.from([0]), Buffer.from(Array.from({ length: 256 }, () => [r, g, b]).flat())]);
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', head),
    chunk('IDAT', deflateSync(Buffer.concat(Array.from({ length: 256 }, () => row)))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** A PMTiles file, version 3, in which every tile up to zoom 10 is the same picture. */
function pmtiles(tile: Buffer): Buffer {
  const varint = (n: number): number[] => (n < 128 ? [n] : [(n & 127) | 128, ...varint(Math.floor(n / 128))]);
  const tiles = (4 ** 11 - 1) / 3;
  const root = Buffer.from([1, ...varint(0), ...varint(tiles), ...varint(tile.length), ...varint(1)]);
  const meta = Buffer.from('{}');
  const head = Buffer.alloc(127);
  head.write('PMTiles', 0, 'latin1');
  head[7] = 3;
  const at = 127 + root.length + meta.length;
  [127, root.length, 127 + root.length, meta.length, 0, 0, at, tile.length, tiles, 1, 1].forEach((n, i) =>
    head.writeBigUInt64LE(BigInt(n), 8 + 8 * i),
  );
  head.set([1, 1, 1, 2, 0, 10], 96);
  [-1800000000, -850000000, 1800000000, 850000000].forEach((n, i) => head.writeInt32LE(n, 102 + 4 * i));
  return Buffer.concat([head, root, meta, tile]);
}

let tiles: Server;
let answers = 200;
let asked = 0;
let origin: string;
let server: Served | null = null;
test.beforeAll(async () => {
  const picture = square(80, 200, 120);
  tiles = createServer((_, answer) => {
    asked += 1;
    answer.writeHead(answers, { 'Content-Type': 'image/png', 'Access-Control-Allow-Origin': '*' });
    answer.end(answers === 200 ? picture : undefined);
  });
  await new Promise<void>((ready) => tiles.listen(0, '127.0.0.1', ready));
  origin = `http://127.0.0.1:${(tiles.address() as { port: number }).port}`;
});
test.afterAll(() => void tiles.close());
test.afterEach(() => server?.stop());

/** The colour at a place where only the base map is: far from the city. */
async function colour(page: Page): Promise<[number, number, number]> {
  const png = await page.getByTestId('map').screenshot();
  return page.evaluate(async (base64) => {
    const image = await createImageBitmap(new Blob([Uint8Array.from(atob(base64), (char) => char.charCodeAt(0))]));
    const pen = new OffscreenCanvas(image.width, image.height).getContext('2d')!;
    pen.drawImage(image, 0, 0);
    const { data } = pen.getImageData(image.width / 2, image.height / 2, 1, 1);
    return [data[0]!, data[1]!, data[2]!];
  }, png.toString('base64'));
}
async function green(page: Page): Promise<boolean> {
  const [r, g, b] = await colour(page);
  return g > r + 25 && g > b + 10;
}
const FAR = '#8.00/29.0000/122.9000';

test('tiles of the intranet lie under the map, with source and approval number', async ({ page }) => {
  const faults: string[] = [];
  page.on('console', (said) => said.type() === 'error' && faults.push(said.text()));
  answers = 200;
  asked = 0;
  server = await serve(
    '--basemap',
    `${origin}/{z}/{x}/{y}.png?tk=k`,
    '--basemap-attribution',
    '某地理信息平台',
    '--basemap-approval',
    '浙S(2025)1号',
  );
  await open(page, `${server.base}/${FAR}`);
  expect(asked).toBeGreaterThan(0);
  expect(await green(page)).toBe(true);
  await expect(page.getByText('审图号:浙S(2025)1号')).toBeVisible();
  await expect(page.getByText('某地理信息平台')).toBeVisible();
  expect(faults).toEqual([]);
});

for (const [hand, hit] of HANDS) {
  test(`tiles that don’t come: said once, the data stay, and a new try brings them, ${hand}`, async ({ page }) => {
    answers = 500;
    server = await serve('--basemap', `${origin}/{z}/{x}/{y}.png`);
    await page.goto(`${server.base}/${FAR}`);
    await expect(page.getByTestId('basemap-lost')).toContainText('底图服务没有响应,已改用空白底图。业务数据不受影响。');
    await drawn(page);
    expect(await figure(page, 'count')).toBe(5000);
    expect(await green(page)).toBe(false);
    answers = 200;
    await hit(page.getByTestId('basemap-lost').getByRole('button', { name: '重试' }));
    await expect(page.getByTestId('basemap-lost')).toHaveCount(0);
    await drawn(page);
    await expect.poll(() => green(page)).toBe(true);
  });
}

test('a PMTiles file beside the program, nothing from elsewhere', async ({ page }) => {
  const file = join(mkdtempSync(join(tmpdir(), 'shigu-story-')), 'base.pmtiles');
  writeFileSync(file, pmtiles(square(80, 200, 120)));
  server = await serve('--basemap', file);
  const strangers: string[] = [];
  const ranges: number[] = [];
  page.on(
    'request',
    (request) =>
      !request.url().startsWith(server!.base) && !/^(data|blob):/.test(request.url()) && strangers.push(request.url()),
  );
  page.on('response', (response) => response.url().endsWith('.pmtiles') && ranges.push(response.status()));
  await open(page, `${server.base}/${FAR}`);
  expect(await green(page)).toBe(true);
  expect(strangers).toEqual([]);
  expect(ranges.length).toBeGreaterThan(1);
  expect(ranges.every((status) => status === 206)).toBe(true);
});

test('a base map made of files of water, roads and names lies where the service keeps its own', async ({ page }) => {
  const folder = mkdtempSync(join(tmpdir(), 'shigu-story-'));
  const file = (name: string, geometry: object, properties: object) => {
    writeFileSync(join(folder, name), JSON.stringify({ type: 'Feature', properties, geometry }));
    return join(folder, name);
  };
  const ring = [[122, 28], [123.5, 28], [123.5, 29.5], [122, 29.5], [122, 28]]; // prettier-ignore
  const water = file('water.geojson', { type: 'Polygon', coordinates: [ring] }, { name: '外海' });
  const road = { type: 'LineString', coordinates: [[119, 30], [121, 30.2]] }; // prettier-ignore
  const roads = file('roads.geojson', road, { name: '环城高速', fclass: 'motorway' });
  const places = file('places.geojson', { type: 'Point', coordinates: [119.6, 30] }, { name: '某镇', fclass: 'town' });
  execFileSync(PROGRAM, [
    ...['basemap', `water=${water}`, `roads=${roads}`, `places=${places}`, '--bbox', '118,28,123.5,31'],
    ...['--attribution', '某测绘院', '--max-zoom', '10', '-o', join(folder, 'basemap.pmtiles')],
  ]);
  server = await serve('--data-dir', folder);
  const faults: string[] = [];
  page.on('console', (said) => said.type() === 'error' && faults.push(said.text()));
  await open(page, `${server.base}/${FAR}`);
  await expect(page.getByText('某测绘院')).toBeVisible();
  const [r, , b] = await colour(page);
  expect(b - r).toBeGreaterThan(15);
  await page.emulateMedia({ colorScheme: 'dark' });
  await open(page, `${server.base}/?theme=dark&lang=en${FAR}`);
  const [dr, , db] = await colour(page);
  expect(db - dr).toBeGreaterThan(15);
  expect(dr).toBeLessThan(80);
  expect(faults).toEqual([]);
});

/** Red of the pixels along the middle of a picture, from its west to its east. */
const profile = (page: Page, png: Buffer): Promise<number[]> =>
  page.evaluate(async (base64) => {
    const image = await createImageBitmap(new Blob([Uint8Array.from(atob(base64), (char) => char.charCodeAt(0))]));
    const pen = new OffscreenCanvas(image.width, image.height).getContext('2d')!;
    pen.drawImage(image, 0, 0);
    const { data } = pen.getImageData(0, Math.floor(image.height / 2), image.width, 1);
    return Array.from({ length: image.width }, (_, x) => data[4 * x]!);
  }, png.toString('base64'));
/** From water to ground without an edge. */
function fades(reds: number[], water: number, ground: number): void {
  expect(Math.abs(reds[0]! - water)).toBeLessThan(4);
  expect(Math.abs(reds.at(-1)! - ground)).toBeLessThan(4);
  expect(Math.max(...reds.slice(1).map((red, i) => Math.abs(red - reds[i]!)))).toBeLessThan(6);
}
const [WATER, GROUND] = [0xcf, 0xe6];

test('where the base map ends it fades into the ground, on the page and on paper', async ({ page }) => {
  // the water of the dataset, in open sea
  server = await serve('--data-dir', mkdtempSync(join(tmpdir(), 'shigu-story-')));
  const seen = async () => {
    const map = page.getByTestId('map');
    const { x, y, width, height } = (await map.boundingBox())!;
    // above the legend
    const part = { x: x + width / 2 - 240, y: y + height / 4, width: 480, height: 10 };
    return profile(page, await page.screenshot({ clip: part }));
  };
  await open(page, `${server.base}/#8.00/31.0000/123.4000`);
  fades(await seen(), WATER, GROUND);
  const box = await page.request.get(`${server.base}/map`, {
    params: {
      bbox: '122.9,30.9,124.1,31.2',
      width: 600,
      f: 'png',
      collections: 'districts,water',
      transparent: 'false',
    },
  });
  fades(await profile(page, await box.body()), WATER, GROUND);
  await server.stop();
  // a file that is cut to a box, all of it water
  const folder = mkdtempSync(join(tmpdir(), 'shigu-story-'));
  const ring = [[121, 28], [123.5, 28], [123.5, 30], [121, 30], [121, 28]]; // prettier-ignore
  const water = { type: 'Feature', properties: {}, geometry: { type: 'Polygon', coordinates: [ring] } };
  writeFileSync(join(folder, 'water.geojson'), JSON.stringify(water));
  execFileSync(PROGRAM, [
    ...['basemap', `water=${join(folder, 'water.geojson')}`, '--bbox', '121,28,123.5,30'],
    ...['--attribution', '某测绘院', '--max-zoom', '10', '-o', join(folder, 'basemap.pmtiles')],
  ]);
  server = await serve('--data-dir', folder);
  await open(page, `${server.base}/#9.00/29.0000/123.4200`);
  fades(await seen(), WATER, GROUND);
  await open(page, `${server.base}/?theme=dark#9.00/29.0000/123.4200`);
  fades(await seen(), 0x1d, 0x0b);
});
