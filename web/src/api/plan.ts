// The plan as a process: layouts, consultations about them, and what a participant may do.
import { change, changeSeen, file, getJson, postJson, remove, upload } from './http';
import { draft, putChange, withdrawChange } from './shigu';
import type {
  CommentBody,
  Consultation,
  ConsultationBody,
  Consultations,
  Decision,
  Layout,
  Layouts,
  NewConsultation,
  OwnConsultation,
  PlanContent,
  Version,
} from './types';

const layoutAt = (id: string, what = ''): string => `layouts/${encodeURIComponent(id)}${what}`;
const at = (id: string, what = ''): string => `consultations/${encodeURIComponent(id)}${what}`;
const ownAt = (id: string, what: string): string => `rounds/${encodeURIComponent(id)}/own/${what}`;

export const layouts = (signal?: AbortSignal) => getJson<Layouts>('layouts', {}, signal);
export const makeLayout = (title: string, like: string | null) =>
  postJson<Layout>('layouts', like ? { title, like } : { title });
export const renameLayout = (id: string, title: string, note: string) =>
  change<Layout>('PUT', layoutAt(id), { title, note });
export const removeLayout = (id: string) => remove(layoutAt(id));
export const beside = (ids: readonly string[], signal?: AbortSignal) =>
  getJson<PlanContent>('layouts/beside', { ids: ids.join(',') }, signal);
export const besidePaper = (ids: readonly string[], f: string, lang: string) =>
  file('layouts/paper', { ids: ids.join(','), f, lang });
/** What a layout makes of a target of the plan. */
const aim = (id: string): string => `@targets:${id}`;
export const setTarget = async (owner: string, id: string, values: Record<string, unknown>): Promise<unknown> => {
  const body = { collection: '@targets', id, values };
  return putChange(owner, aim(id), body as Parameters<typeof putChange>[2], (await draft(owner)).tag);
};
export const resetTarget = async (owner: string, id: string): Promise<unknown> =>
  withdrawChange(owner, aim(id), (await draft(owner)).tag);
export const putInForce = (id: string, body: { document: string; decided: string }, tag: string) =>
  changeSeen<Version>('POST', layoutAt(id, '/in-force'), tag, body);

export const consultations = (signal?: AbortSignal) => getJson<Consultations>('consultations', {}, signal);
export const consultation = (id: string, signal?: AbortSignal) => getJson<Consultation>(at(id), {}, signal);
export const consult = (body: ConsultationBody) => postJson<NewConsultation>('consultations', body);
export const decide = (id: string, comment: string, body: Decision, tag: string) =>
  changeSeen<Consultation>('PUT', at(id, `/comments/${encodeURIComponent(comment)}`), tag, body);
export const attachment = (id: string, one: string) => file(at(id, `/attachments/${encodeURIComponent(one)}`), {});
export const adoption = (id: string, f: string, lang: string) => file(at(id, '/adoption'), { f, lang });

/** What a participant may do. */
export const ownConsultation = (id: string, signal?: AbortSignal) =>
  getJson<OwnConsultation>(ownAt(id, 'consultation'), {}, signal);
export const comment = (id: string, body: CommentBody) => postJson<{ id: string }>(ownAt(id, 'comments'), body);
export const reword = (id: string, one: string, body: CommentBody, tag: string) =>
  changeSeen<OwnConsultation>('PUT', ownAt(id, `comments/${encodeURIComponent(one)}`), tag, body);
export const uncomment = (id: string, one: string) => remove(ownAt(id, `comments/${encodeURIComponent(one)}`));
export const attach = (id: string, one: string, bytes: File) =>
  upload<OwnConsultation>(
    ownAt(id, `comments/${encodeURIComponent(one)}/attachments`),
    { file: bytes.name },
    bytes,
    () => {},
    new AbortController().signal,
  );
export const answered = (id: string, is: boolean) => change('PUT', ownAt(id, 'answered'), { answered: is });
