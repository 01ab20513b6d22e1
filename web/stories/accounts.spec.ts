// Accounts: the first administrator comes in by the link of the start, makes others, and each sees what their role allows.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import { clean, figure, HANDS, quiet } from './page';
import { type Served, serve } from './server';

const PASSWORD = '一个足够长的口令 2026';
let server: Served;
test.beforeEach(async () => {
  server = await serve('--accounts', '--allow-anonymous', '--data-dir', mkdtempSync(join(tmpdir(), 'shigu-story-')));
});
test.afterEach(() => server.stop());

/** Sets a password by a one-time link; the first administrator's asks for a name, too. */
async function claim(page: Page, link: string, name?: string) {
  await page.goto(link);
  await expect(page.getByTestId('new-password')).toBeVisible();
  expect(page.url()).not.toContain('claim');
  const type = async () => {
    await page.getByTestId('password-first').fill(PASSWORD);
    await page.getByTestId('password-second').fill(PASSWORD);
  };
  if (name) await page.getByTestId('enter-name').fill(name);
  await type();
  await page.getByTestId('password-set').click();
  await quiet(page);
}
async function make(page: Page, name: string, role: string, scope: string[] = []): Promise<string> {
  await page.goto(`${server.base}/?mode=accounts`);
  await page.getByTestId('new-name').fill(name);
  await page.getByTestId('new-role').selectOption(role);
  for (const code of scope) await page.getByTestId(`scope-${code}`).check();
  await page.getByTestId('new-make').click();
  await expect(page.getByTestId(`account-${name}`)).toBeVisible();
  return page.getByTestId('one-time').inputValue();
}

test('from the first link to a viewer of one district', async ({ page, browser }) => {
  await claim(page, server.said(/http\S+claim=\S+/), '王工');
  await expect(page.getByTestId('me')).toHaveText('王工');
  const link = await make(page, '滨江', 'viewer', ['330108']);
  await expect(page.getByTestId('trail')).toContainText('帐户变更');
  const other = await (await browser.newContext()).newPage();
  await claim(other, link);
  await expect(other.getByTestId('me')).toHaveText('滨江');
  await expect(other.getByTestId('mode-accounts')).toHaveCount(0);
  expect(await figure(other, 'count')).toBe(686);
  await expect(other.getByTestId('numbers')).toContainText('您的权限只包含滨江区');
  // it opens on the district; the others are in no list, and hatched on the map
  await expect(other.getByTestId('scope')).toHaveText('滨江区');
  await expect(other).toHaveURL(/zone=330108/);
  await expect(other.getByTestId('zone-330108')).toHaveCount(1);
  await expect(other.getByTestId('zone-330110')).toHaveCount(0);
  await expect(other.getByTestId('legend-hidden')).toBeVisible();
  // shares and quotients are of the whole city, sums protected
  await expect(other.getByTestId('figure-count')).toContainText('13.7%');
  await expect(other.getByTestId('protected')).toBeVisible();
  await other.getByTestId('me').click();
  await expect(other.getByTestId('me-role')).toContainText('滨江区');
  await other.getByTestId('leave').click();
  // --allow-anonymous: anybody may read
  await expect(other.getByTestId('me')).toHaveText('登录');
  await quiet(other);
  await other.goto(server.base);
  await expect(other.getByTestId('me')).toHaveText('登录');
  expect(await figure(other, 'count')).toBe(5000);
  await other.getByTestId('me').click();
  await other.getByTestId('login-name').fill('滨江');
  await other.getByTestId('login-password').fill('不是这个口令吧');
  await other.getByTestId('login-enter').click();
  await expect(other.getByTestId('login-problem')).toContainText('登录名或口令不对');
  await other.getByTestId('login-password').fill(PASSWORD);
  await other.keyboard.press('Enter');
  await expect(other.getByTestId('me')).toHaveText('滨江');
  // made more, and in again
  await page.getByTestId('role-滨江').selectOption('reviewer');
  await expect(page.getByTestId('trail')).toContainText('滨江');
  await other.reload();
  await expect(other.getByTestId('me')).toHaveText('登录');
  await page.getByTestId('remove-滨江').click();
  await page.getByTestId('remove-yes').click();
  await expect(page.getByTestId('account-滨江')).toHaveCount(0);
  await expect(page.getByTestId('remove-王工')).toBeDisabled();
});

test('by keyboard: the first administrator gives name and password, and the log speaks the page’s language', async ({
  page,
}) => {
  await page.goto(server.said(/http\S+claim=\S+/));
  await page.getByTestId('enter-name').focus();
  for (const text of ['王工', PASSWORD, PASSWORD]) {
    await page.keyboard.type(text);
    await page.keyboard.press('Tab');
  }
  await expect(page.getByTestId('password-set')).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('me')).toHaveText('王工');
  await page.getByTestId('mode-accounts').focus();
  await page.keyboard.press('Enter');
  await page.getByTestId('new-name').focus();
  await page.keyboard.type('李工');
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('trail')).toContainText('新建 李工');
  await page.getByTestId('lang').focus();
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('trail')).toContainText('Made 李工');
  await expect(page.getByTestId('trail')).not.toContainText(/帐户变更|新建|查看/);
  await clean(page);
});

test('without an account nothing changes, with one of a reviewer it does', async ({ page }) => {
  await page.goto(`${server.base}/?mode=data`);
  await expect(page.getByTestId('data')).toContainText('需要编辑权限');
  await expect(page.getByTestId('choose-file')).toHaveCount(0);
  await claim(page, server.said(/http\S+claim=\S+/), 'admin');
  const link = await make(page, 'shen', 'reviewer');
  await page.getByTestId('me').click();
  await page.getByTestId('leave').click();
  await expect(page.getByTestId('me')).toHaveText('登录');
  await claim(page, link);
  await page.getByTestId('mode-data').click();
  await expect(page.getByTestId('choose-file')).toBeVisible();
  await page.goto(`${server.base}/?mode=accounts`);
  await expect(page.getByTestId('accounts')).toContainText('只有管理员');
});

for (const [name, size] of [
  ['desktop', { width: 1366, height: 768 }],
  ['phone', { width: 390, height: 844 }],
] as const) {
  for (const suffix of ['theme=light&lang=zh', 'theme=dark&lang=en']) {
    test(`every screen by axe, ${name}, ${suffix}`, async ({ page }) => {
      await page.setViewportSize(size);
      const first = server.said(/claim=\S+/);
      await page.goto(`${server.base}/?${suffix}&${first}`);
      await expect(page.getByTestId('new-password')).toBeVisible();
      await page.getByTestId('password-first').fill('short');
      await page.getByTestId('password-set').click();
      await expect(
        page.getByTestId('new-password').getByRole('alert').or(page.getByTestId('password-first')),
      ).not.toHaveCount(0);
      await clean(page);
      await claim(page, `${server.base}/?${first}`, 'a');
      await make(page, 'v', 'viewer', ['330110']);
      // the link that is shown once, and why an account was not made, come into view
      await expect(page.getByTestId('one-time-link')).toBeInViewport();
      await page.getByTestId('new-name').fill('v');
      await page.getByTestId('new-make').click();
      await expect(page.getByTestId('people-problem')).toBeInViewport();
      await clean(page);
      await page.goto(`${server.base}/?mode=accounts&${suffix}`);
      await expect(page.getByTestId('account-v')).toBeVisible();
      await clean(page);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(size.width);
      await page.getByTestId('me').click();
      await clean(page);
    });
  }
}

test('where nobody may read without an account, the page asks for a login', async ({ page }) => {
  const closed = await serve(
    '--accounts',
    '--data-dir',
    mkdtempSync(join(tmpdir(), 'shigu-story-')),
    '--listen',
    '0.0.0.0:0',
  );
  const own = closed.said(/claim=\S+/);
  const base = closed.base.replace('0.0.0.0', '127.0.0.1');
  await page.goto(`${base}/?zone=330108`);
  await expect(page.getByTestId('login')).toBeVisible();
  await clean(page);
  await claim(page, `${base}/?zone=330108&${own}`, 'a');
  expect(await figure(page, 'count')).toBe(686);
  await closed.stop();
});

for (const [hand, hit] of HANDS)
  test(`what is wrong at the entrance is said there: password, too many, a spent link, ${hand}`, async ({
    page,
    browser,
  }) => {
    const link = server.said(/http\S+claim=\S+/);
    await claim(page, link, '王工');
    await expect(page.getByTestId('me')).toHaveText('王工');
    const other = await (await browser.newContext()).newPage();
    await other.goto(server.base);
    await hit(other.getByTestId('me'));
    const wrong = async () => {
      await other.getByTestId('login-name').fill('王工');
      await other.getByTestId('login-password').fill('不是这个口令');
      await hit(other.getByTestId('login-enter'));
      await expect(other.getByTestId('login-password')).toHaveValue('');
    };
    const said = other.getByTestId('login-problem');
    await wrong();
    await expect(said).toContainText('登录名或口令不对');
    const plain = await other.getByTestId('login').evaluate((form) => getComputedStyle(form).color);
    expect(await said.evaluate((text) => getComputedStyle(text).color)).not.toBe(plain);
    await expect(async () => {
      await wrong();
      await expect(said).toContainText('口令错误次数过多', { timeout: 500 });
    }).toPass();
    await clean(other);
    // the link has been used: no password is asked for again
    await other.goto(link);
    await other.getByTestId('enter-name').fill('李工');
    await other.getByTestId('password-first').fill(PASSWORD);
    await other.getByTestId('password-second').fill(PASSWORD);
    await hit(other.getByTestId('password-set'));
    await expect(other.getByTestId('link-spent')).toContainText('已用过');
    await expect(other.getByTestId('new-password')).toHaveCount(0);
    await clean(other);
    await hit(other.getByTestId('link-leave'));
    await expect(other.getByTestId('link-spent')).toHaveCount(0);
  });
