// A layout is made and changed on the map, put to consultation by link, commented on with an outline and a file, decided, and put into force by a
// document; a start of the program in between loses nothing.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, expect, type Page, test } from '@playwright/test';
import { clean, press } from './page';
import { type Served, serve } from './server';

const PORT = '127.0.0.1:8976';
let folder: string;
let server: Served;
const start = async () => (server = await serve('--listen', PORT, '--data-dir', folder));
test.beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'shigu-story-'));
  await start();
});
test.afterEach(() => server.stop());

async function participant(browser: Browser, link: string, viewport = { width: 1366, height: 768 }): Promise<Page> {
  const page = await (await browser.newContext({ viewport, locale: 'zh-CN' })).newPage();
  await page.goto(link);
  await expect(page.getByTestId('asked')).toBeVisible();
  return page;
}
/** Links that participants get when a round begins. */
const linksOf = (page: Page): Promise<string[]> =>
  page.getByTestId('round-link').evaluateAll((all) => all.map((one) => (one as HTMLInputElement).value));
/** A participant draws an outline and comments on it. */
async function outlined(page: Page, text: string): Promise<void> {
  await page.getByTestId('asked-about').selectOption('outline');
  const map = page.getByTestId('plan-map');
  await map.scrollIntoViewIfNeeded();
  for (const [x, y] of [
    [200, 150],
    [260, 150],
    [230, 200],
  ] as const)
    await map.click({ position: { x, y } });
  await page.getByTestId('asked-text').fill(text);
  await page.getByTestId('asked-send').click();
  await expect(page.getByTestId('asked-comment')).toHaveCount(1);
}
const board = async (page: Page) => {
  await page.goto(`${server.base}/?mode=data`);
  await page.getByTestId('consultation').click();
};

test('two layouts, three participants, one in force', async ({ page, browser, request }) => {
  await page.goto(`${server.base}/?mode=data`);
  for (const title of ['北向方案', '南向方案']) {
    await page.getByTestId('layout-new').click();
    await page.getByTestId('layout-title').fill(title);
    await page.getByTestId('layout-make').click();
    await expect(page.getByTestId('layout').filter({ hasText: title })).toBeVisible();
  }
  await clean(page);

  // the first is changed on the map: what is edited there is the layout and not the own draft
  await page.goto(`${server.base}/?mode=map`);
  await page.getByTestId('edit-open').click();
  await page.getByTestId('edit-layout').selectOption({ label: '北向方案' });
  await expect(page.getByTestId('edit-publish')).toHaveCount(0);
  const { layouts } = await (await request.get(`${server.base}/layouts`)).json();
  const moved = async (owner: string, id: string, coordinates: number[]) => {
    const { tag } = await (await request.get(`${server.base}/drafts/${owner}`)).json();
    const body = { collection: 'layout', id, geometry: { type: 'Point', coordinates } };
    const answer = await request.put(`${server.base}/drafts/${owner}/changes/layout:${id}`, {
      data: body,
      headers: { 'if-match': `"${tag}"` },
    });
    expect(answer.ok()).toBe(true);
  };
  await moved(layouts[0].owner, 'node-P01', [119.9, 30.4]);
  await moved(layouts[1].owner, 'node-P02', [120.2, 30]);

  await page.goto(`${server.base}/?mode=data`);
  // a list that is not there yet has none to check
  await expect(page.getByTestId('layout-choose')).toHaveCount(2);
  for (const one of await page.getByTestId('layout-choose').all()) await one.check();
  await page.getByTestId('layouts-beside').click();
  await expect(page.getByTestId('beside').getByTestId('plan-map')).toHaveCount(2);
  await clean(page);
  // the other gets another name, and what is said of it
  const south = page.getByTestId('layout').filter({ hasText: '南向方案' });
  await south.getByTestId('layout-rename').click();
  await page.getByTestId('layout-rename-title').fill('沿江方案');
  await page.getByTestId('layout-rename-note').fill('节点沿江布置');
  await clean(page);
  await page.getByTestId('layout-rename-save').click();
  await expect(page.getByTestId('layout').nth(1)).toContainText('沿江方案');
  await expect(page.getByTestId('layout').nth(1)).toContainText('节点沿江布置');
  await page.getByTestId('consult-new').click();
  await page.getByTestId('consult-title').fill('布局征求意见');
  await page.getByTestId('consult-text').fill('第一段。\n\n第二段。');
  await page.getByTestId('consult-who').fill('甲局\n乙区\n丙局');
  await page.getByTestId('consult-make').click();
  await expect(page.getByTestId('round-link')).toHaveCount(3);
  const links = await linksOf(page);

  // one draws an outline and adds a file
  const first = await participant(browser, links[0]!);
  await clean(first);
  await outlined(first, '此处宜留白');
  await first
    .getByTestId('asked-file')
    .setInputFiles({ name: '说明.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.7 test') });
  await expect(first.getByTestId('asked-comment')).toContainText('说明.pdf');
  await first.getByTestId('on-change').first().click();
  await first.getByTestId('asked-text').fill('节点宜再向西');
  await first.getByTestId('asked-send').click();
  await expect(first.getByTestId('asked-comment')).toHaveCount(2);
  // the first comment is worded anew, by keyboard; what it is about and its file stay
  const worded = first.getByTestId('asked-comment').first();
  await press(worded.getByTestId('asked-reword'));
  await worded.getByTestId('asked-wording').fill('此处宜留白,作绿地');
  await clean(first);
  await press(worded.getByTestId('asked-reword-save'));
  await expect(worded).toContainText('作绿地');
  await expect(worded).toContainText('所画范围');
  await expect(worded).toContainText('说明.pdf');
  await first.getByTestId('asked-answered').click();
  await expect(first.getByTestId('asked-done')).toBeVisible();

  // on a phone, in English: a paragraph, by an outline drawn with keys besides
  const second = await participant(browser, links[1]!, { width: 390, height: 780 });
  await second.getByTestId('lang').click();
  await second.getByTestId('on-paragraph').nth(1).click();
  await second.getByTestId('asked-text').fill('Say more here');
  await second.getByTestId('asked-send').click();
  await expect(second.getByTestId('asked-comment')).toHaveCount(1);
  await second.getByTestId('asked-about').selectOption('outline');
  await second.getByTestId('plan-map').focus();
  for (const key of ['ArrowLeft', 'Space', 'ArrowRight', 'ArrowRight', 'Space', 'ArrowDown', 'Space'])
    await second.keyboard.press(key);
  await second.getByTestId('asked-text').fill('Here too');
  await second.getByTestId('asked-send').click();
  await expect(second.getByTestId('asked-comment')).toHaveCount(2);
  await clean(second);

  // the program ends and starts
  await server.stop();
  await start();
  await board(page);
  await expect(page.getByTestId('comment')).toHaveCount(4);
  for (const [stage, n] of [
    ['answered', 1],
    ['commented', 1],
    ['unseen', 1],
  ] as const)
    await expect(page.getByTestId('asked-one').and(page.locator(`[data-stage=${stage}]`))).toHaveCount(n);
  await clean(page);
  // there is more time
  const end = new Date(Date.now() + 40 * 86_400_000).toISOString().slice(0, 10);
  await page.getByTestId('round-until').fill(end);
  await press(page.getByTestId('round-move'));
  const day = new Intl.DateTimeFormat('zh-CN', { dateStyle: 'medium' }).format(new Date(`${end}T12:00:00`));
  await expect(page.getByTestId('consultation-board')).toContainText(`截止 ${day}`);
  for (const [at, outcome, reason] of [
    [0, 'declined', '另行研究'],
    [1, 'adopted', ''],
    [2, 'partly', '并入总述'],
  ] as const) {
    const comment = page.getByTestId('comment').nth(at);
    await comment.getByTestId('decide').click();
    await comment.getByTestId('decide-outcome').selectOption(outcome);
    await comment.getByTestId('decide-reason').fill(reason);
    await comment.getByTestId('decide-save').click();
    await expect(comment).toHaveAttribute('data-outcome', outcome);
  }
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByTestId('comment-file').click()]);
  expect(file.suggestedFilename()).toBe('说明.pdf');
  const [table] = await Promise.all([page.waitForEvent('download'), page.getByTestId('adoption-docx').click()]);
  expect(table.suggestedFilename()).toBe('布局征求意见-意见采纳情况表.docx');

  // the layout that was commented on is put into force, and the adopted comment has its version
  await page.getByTestId('layout').filter({ hasText: '北向方案' }).getByTestId('layout-force').click();
  await page.getByTestId('force-document').fill('政发〔2026〕1号');
  await page.getByTestId('force-yes').click();
  await expect(page.getByTestId('in-force')).toContainText('v1');
  await page.getByTestId('consultation-refresh').click();
  await expect(page.getByTestId('comment').nth(1).getByTestId('comment-version')).toContainText('v1');
  await first.reload();
  await expect(first.getByTestId('asked-outcome')).toHaveCount(2);
});

/** A square, with the decimals that are kept. */
const square = ([x, y]: readonly [number, number], side: number) => {
  const kept = (degrees: number) => Math.round(degrees * 1e7) / 1e7;
  const ring = [
    [0, 0],
    [side, 0],
    [side, side],
    [0, side],
    [0, 0],
  ].map(([dx, dy]) => [kept(x + dx!), kept(y + dy!)]);
  return { type: 'Polygon', coordinates: [ring] };
};

test('a whole round: three layouts with targets, thirty participants, 120 comments with 40 outlines, one in force', async ({
  page,
  browser,
  request,
}) => {
  test.setTimeout(180_000);
  const titles = ['北向方案', '南向方案', '中部方案'];
  await page.goto(`${server.base}/?mode=data`);
  for (const title of titles) {
    await page.getByTestId('layout-new').click();
    await page.getByTestId('layout-title').fill(title);
    await page.getByTestId('layout-make').click();
    await expect(page.getByTestId('layout').filter({ hasText: title })).toBeVisible();
  }
  const { layouts } = (await (await request.get(`${server.base}/layouts`)).json()) as {
    layouts: { id: string; owner: string }[];
  };
  const edit = async (owner: string, collection: string, id: string, geometry: object) => {
    const { tag } = await (await request.get(`${server.base}/drafts/${owner}`)).json();
    const key = encodeURIComponent(`${collection}:${id}`);
    const answer = await request.put(`${server.base}/drafts/${owner}/changes/${key}`, {
      data: { collection, id, geometry },
      headers: { 'if-match': `"${tag}"` },
    });
    expect(answer.ok()).toBe(true);
  };
  await edit(layouts[0]!.owner, 'layout', 'node-P01', { type: 'Point', coordinates: [119.9, 30.4] });
  await edit(layouts[0]!.owner, 'platform-zones', 'P10', square([120.02, 30.26], 0.06));
  await edit(layouts[1]!.owner, 'layout', 'node-P02', { type: 'Point', coordinates: [120.2, 30] });
  await edit(layouts[2]!.owner, 'platform-zones', 'P10', square([120.05, 30.28], 0.05));

  // the first aims higher; nothing of that is in force
  const north = page.getByTestId('layout').filter({ hasText: titles[0] });
  await north.getByTestId('layout-aims').click();
  const target = north.getByTestId('target').first();
  const id = (await target.getAttribute('data-target'))!;
  await target.getByTestId('target-edit').click();
  await target.getByTestId('target-value').fill('3456');
  await clean(page);
  await target.getByTestId('target-save').click();
  await expect(target.getByTestId('target-mine')).toContainText('3,456');
  const inForce = async () => {
    const found = (await (await request.get(`${server.base}/indicators`)).json()) as {
      rows: { indicator: string; kind: string; year: number; value: number; source: string }[];
    };
    return found.rows.find((one) => id.startsWith(`${one.indicator}|`) && one.kind === 'target')!;
  };
  expect((await inForce()).value).not.toBe(3456);
  for (const one of await page.getByTestId('layout-choose').all()) await one.check();
  await page.getByTestId('layouts-beside').click();
  await expect(page.getByTestId('beside').getByTestId('plan-map')).toHaveCount(3);
  await expect(page.getByTestId('beside-target')).toHaveCount(1);
  await expect(page.getByTestId('beside-target')).toContainText('3,456');
  await clean(page);
  const [beside] = await Promise.all([page.waitForEvent('download'), page.getByTestId('beside-docx').click()]);
  expect(beside.suggestedFilename()).toBe(`方案比选-${titles.join('-')}.docx`);

  await page.getByTestId('consult-new').click();
  await page.getByTestId('consult-title').fill('布局征求意见');
  await page.getByTestId('consult-text').fill('第一段。\n\n第二段。\n\n第三段。');
  const names = Array.from({ length: 30 }, (_, i) => `单位${String(i + 1).padStart(2, '0')}`);
  await page.getByTestId('consult-who').fill(names.join('\n'));
  await page.getByTestId('consult-make').click();
  await expect(page.getByTestId('round-link')).toHaveCount(30);
  const links = await linksOf(page);
  const round = new URL(links[0]!).searchParams.get('round')!;

  // the first draws its outline on the page; what the others say comes by their links
  const first = await participant(browser, links[0]!);
  await outlined(first, '范围意见0');
  for (const [place, link] of links.entries()) {
    if (place === 15) {
      await server.stop();
      await start();
    }
    const layout = layouts[place % 3]!.id;
    const proposed = place < 10 ? square([120 + place * 0.01, 30.2], 0.01) : null;
    const comments = [
      { about: 'whole', text: `总体意见${place}` },
      { about: 'paragraph', target: String((place % 3) + 1), text: `段落意见${place}` },
      { about: 'feature', layout, target: 'platform-zones:P10', geometry: proposed, text: `要素意见${place}` },
      { about: 'outline', layout, geometry: square([120 + place * 0.01, 30.2], 0.02), text: `范围意见${place}` },
    ];
    const headers = { authorization: `Bearer ${new URL(link).hash.slice(1)}` };
    for (const data of place ? comments : comments.slice(0, 3))
      expect((await request.post(`${server.base}/rounds/${round}/own/comments`, { data, headers })).status()).toBe(201);
    await request.put(`${server.base}/rounds/${round}/own/answered`, { data: { answered: true }, headers });
  }
  await board(page);
  await expect(page.getByTestId('comment')).toHaveCount(120);
  await expect(page.getByTestId('asked-one').and(page.locator('[data-stage=answered]'))).toHaveCount(30);
  interface Comment {
    id: string;
    tag: string;
    geometry: object | null;
    outcome: string | null;
    text: string;
  }
  const said = async () =>
    (await (await request.get(`${server.base}/consultations/${round}`)).json()) as { comments: Comment[] };
  expect((await said()).comments.filter((one) => one.geometry)).toHaveLength(40);
  await clean(page);

  // a second editor decides the comment that the first has before them: the first looks again, and nothing is overwritten
  const other = await (await browser.newContext()).newPage();
  await board(other);
  const decide = async (on: Page, at: number, outcome: string, reason: string) => {
    const comment = on.getByTestId('comment').nth(at);
    await comment.getByTestId('decide').click();
    await comment.getByTestId('decide-outcome').selectOption(outcome);
    await comment.getByTestId('decide-reason').fill(reason);
    await comment.getByTestId('decide-save').click();
  };
  await decide(other, 0, 'partly', '并入总述');
  await expect(other.getByTestId('comment').first()).toHaveAttribute('data-outcome', 'partly');
  await decide(page, 0, 'declined', '另行研究');
  await expect(page.getByTestId('consultation-problem')).toBeVisible();
  await page.getByTestId('consultation-refresh').click();
  await expect(page.getByTestId('comment').first()).toHaveAttribute('data-outcome', 'partly');
  const all = (await said()).comments;
  for (const [place, one] of all.entries()) {
    if (place === 0) continue;
    if (place === 60) {
      await server.stop();
      await start();
    }
    const outcome = ['partly', 'adopted', 'declined'][place % 3]!;
    const answer = await request.put(`${server.base}/consultations/${round}/comments/${one.id}`, {
      data: { outcome, reason: outcome === 'adopted' ? '' : `理由${place}` },
      headers: { 'if-match': `"${one.tag}"` },
    });
    expect(answer.status()).toBe(200);
  }
  await board(page);
  for (const outcome of ['adopted', 'partly', 'declined'])
    await expect(page.getByTestId('comment').and(page.locator(`[data-outcome=${outcome}]`))).toHaveCount(40);
  const now = (await said()).comments;
  expect(now.map(({ id: own, text }) => [own, text])).toEqual(all.map(({ id: own, text }) => [own, text]));
  const [table] = await Promise.all([page.waitForEvent('download'), page.getByTestId('adoption-docx').click()]);
  expect(table.suggestedFilename()).toBe('布局征求意见-意见采纳情况表.docx');

  await north.getByTestId('layout-force').click();
  await page.getByTestId('force-document').fill('政发〔2026〕1号');
  await page.getByTestId('force-yes').click();
  await expect(page.getByTestId('in-force')).toContainText('v1');
  const { value, source } = await inForce();
  expect(value).toBe(3456);
  expect(source).toContain('政发〔2026〕1号');
  await page.getByTestId('consultation-refresh').click();
  const carried = page.getByTestId('comment').filter({ hasText: titles[0] }).and(page.locator('[data-outcome=partly]'));
  await expect(carried.first().getByTestId('comment-version')).toContainText('v1');
});
