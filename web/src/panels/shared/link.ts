// Addresses to pass on: the whole one, the one for a frame; pure, so that they can be tested.
import { address } from '../../api/http';
import { type View, write } from '../../state/url';

/** The page as it is, in words that anybody may open: how it looks on this computer (theme, pictures) stays here; which data it shows goes along. */
export const targetOf = (view: View, data: string | null): string =>
  write({ ...view, theme: null, plain: false, embed: false, data });
export const fullAddress = (view: View, data: string | null): string => address(`./${targetOf(view, data)}`);
/** A whole query that still may be printed and scanned. */
const PRINTED = 300;
/** What leads from the page's address to a view, short enough for paper: a short link where the server keeps them. */
export async function printed(
  view: View,
  data: string | null,
  save: ((target: string) => Promise<{ code: string }>) | null,
): Promise<string | null> {
  const target = targetOf(view, data);
  // without a short link a report can do, too
  const saved = save ? await save(target).catch(() => null) : null;
  if (saved) return `s/${saved.code}`;
  return targetOf(view, null).length > 1 && target.length <= PRINTED ? target : null;
}
export const shortAddress = (code: string): string => address(`s/${code}`);

const attribute = (text: string): string => text.replace(/&/g, '&amp;').replace(/"/g, '&quot;').replace(/</g, '&lt;');
/** What to paste into another page. */
export function frameCode(view: View, title: string): string {
  const source = address(`./${write({ ...view, mode: 'browse', theme: null, plain: false, embed: true })}`);
  return `<iframe src="${attribute(source)}" title="${attribute(title)}" width="800" height="500" loading="lazy" style="border:0"></iframe>`;
}
