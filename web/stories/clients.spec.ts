// The guide's pages by MapLibre and OpenLayers, on another site, read the service as it is; nothing comes from elsewhere.
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, type Page, test } from '@playwright/test';
import { colours } from './page';
import { type Served, serve } from './server';

const FOLDERS = ['../docs/guide/examples', 'node_modules/maplibre-gl/dist', 'node_modules/ol/dist', 'node_modules/ol'];
const TYPES: Record<string, string> = {
  html: 'text/html',
  css: 'text/css',
  js: 'text/javascript',
  mjs: 'text/javascript',
};
/** The site of the pages: each file lies beside the others, wherever it comes from. */
const site = createServer((request, response) => {
  const { pathname } = new URL(request.url!, 'http://site');
  const place = FOLDERS.map((folder) => folder + pathname).find((path) => existsSync(path));
  const type = TYPES[pathname.split('.').pop()!];
  if (!place || !type) return response.writeHead(404).end();
  return response.writeHead(200, { 'content-type': type }).end(readFileSync(place));
});
let server: Served;
let origin: string;
test.beforeAll(async () => {
  await new Promise<void>((listening) => site.listen(0, '127.0.0.1', listening));
  origin = `http://127.0.0.1:${(site.address() as AddressInfo).port}`;
  server = await serve('--geodata', '../geodata/hangzhou', '--allow-origin', origin);
});
test.afterAll(async () => {
  site.close();
  await server.stop();
});

async function opened(page: Page, file: string): Promise<string[]> {
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(String(error)));
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (url.protocol.startsWith('http') && ![origin, server.base].includes(url.origin)) faults.push(url.href);
  });
  await page.goto(`${origin}/${file}?base=${server.base}`);
  return faults;
}

test('a page by MapLibre draws the style, and a click asks for figures', async ({ page }) => {
  const faults = await opened(page, 'maplibre.html');
  await expect(page.locator('body')).toHaveAttribute('data-ready', 'true');
  await page.locator('#map').click({ position: { x: 683, y: 384 } });
  await expect(page.locator('.maplibregl-popup')).toHaveText(/\p{L}+ \d+/u);
  expect(faults).toEqual([]);
});

test('a page by OpenLayers draws features and tiles', async ({ page }) => {
  const faults = await opened(page, 'openlayers.html');
  const districts = await (await fetch(`${server.base}/collections/districts/items?f=json&limit=1`)).json();
  await expect(page.locator('body')).toHaveAttribute('data-ready', String(districts.numberMatched));
  // ground, areas, their borders, dots
  await expect.poll(() => colours(page, page.locator('#map'))).toBeGreaterThan(4);
  expect(faults).toEqual([]);
});
