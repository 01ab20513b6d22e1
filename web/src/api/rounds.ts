// Figures that are asked of participants: their own part of the server's resources, fetched with the panel that needs them.
import { change, file, getJson, postJson, remove, upload } from './http';
import type { Delivery, NewRound, OwnRound, ParticipantLink, Round, RoundBody, Rounds, Version } from './types';

const at = (id: string, what = ''): string => `rounds/${encodeURIComponent(id)}${what}`;
const of = (round: string, participant: string, what: string): string =>
  at(round, `/participants/${encodeURIComponent(participant)}/${what}`);
export const rounds = (signal?: AbortSignal) => getJson<Rounds>('rounds', {}, signal);
export const round = (id: string, signal?: AbortSignal) => getJson<Round>(at(id), {}, signal);
export const makeRound = (body: RoundBody) => postJson<NewRound>('rounds', body);
export const changeRound = (id: string, body: { deadline?: string; closed?: boolean }) =>
  change<Round>('PATCH', at(id), body);
export const renewLink = (id: string, participant: string) =>
  postJson<ParticipantLink>(of(id, participant, 'link'), {});
export const revokeLink = (id: string, participant: string) => remove(of(id, participant, 'link'));
export const participantFaults = (id: string, participant: string, lang: string) =>
  file(of(id, participant, 'faults.xlsx'), { lang });
export const mergeRound = (id: string, without: readonly string[]) =>
  postJson<Version>(at(id, '/merge'), { note: '', without });

/** What a participant who came by a link may do. */
export const ownRound = (id: string, signal?: AbortSignal) => getJson<OwnRound>(at(id, '/own'), {}, signal);
export const ownWorkbook = (id: string) => file(at(id, '/own/workbook.xlsx'), {});
export const ownFaults = (id: string, lang: string) => file(at(id, '/own/faults.xlsx'), { lang });
export const deliver = (id: string, bytes: File, sent: (bytes: number) => void, signal: AbortSignal) =>
  upload<Delivery>(at(id, '/own/deliveries'), { file: bytes.name }, bytes, sent, signal);
