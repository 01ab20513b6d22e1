// What went wrong is said by one function: the server's words in the language of the page, and words of its own where it has none.
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { getJson, Problem } from '../src/api/http';
import { problemText } from '../src/i18n';
import { fetchEnglish } from '../src/i18n/english.svelte';
import { view } from '../src/state/view.svelte';
import { sources } from './sources';

const asked = (answer: () => Promise<Response>): Promise<Problem> => {
  vi.stubGlobal('fetch', answer);
  return getJson('x').then(
    () => expect.unreachable('it was answered'),
    (cause: unknown) => Problem.of(cause),
  );
};
/** What is said in Chinese and in English. */
const said = (problem: Problem): [string, string] => {
  view.lang = 'zh';
  const chinese = problemText(problem);
  view.lang = 'en';
  return [chinese, problemText(problem)];
};

describe('what went wrong', () => {
  beforeAll(fetchEnglish);
  afterEach(() => {
    view.lang = null;
    vi.stubGlobal('fetch', undefined);
  });
  it('is said in the words of the server, in the language that is read now', async () => {
    const body = { code: 'bad', detail: '参数有误', detail_en: 'A parameter is wrong' };
    const problem = await asked(async () => new Response(JSON.stringify(body), { status: 400 }));
    expect(said(problem)).toEqual(['参数有误', 'A parameter is wrong']);
  });
  it('is never left empty: no answer, one of a machine between, a fault of the page', async () => {
    const offline = said(await asked(() => Promise.reject(new TypeError('Failed to fetch'))));
    const between = said(await asked(async () => new Response('<h1>Bad Gateway</h1>', { status: 502 })));
    const page = said(Problem.of(new TypeError('x is undefined')));
    for (const [chinese, english] of [offline, between, page]) {
      expect(chinese).toMatch(/^\p{Script=Han}/u);
      expect(english).toMatch(/^[A-Z][^\p{Script=Han}]+$/u);
      expect(`${chinese}${english}`).not.toMatch(/fetch|Gateway|undefined/);
    }
    expect(between[1]).toContain('502');
    expect(offline[1]).not.toContain('code');
  });
  it('is said by that function alone', () => {
    for (const { path, text } of sources)
      if (!/^(api|i18n)\//.test(path))
        expect(text, path).not.toMatch(/\b(\w*[pP]roblem|cause|failed)[!?]*\.(detail|message)\b/);
  });
});
