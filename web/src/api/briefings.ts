// Briefings that the service makes by itself: read, and set when they are made.
import { change, file, getJson, postJson, remove } from './http';
import type { BriefingList, ScheduleBody } from './types';

const schedule = (id: string) => `briefings/schedules/${encodeURIComponent(id)}`;

export const briefings = (signal?: AbortSignal) => getJson<BriefingList>('briefings', {}, signal);
export const setSchedule = (id: string | null, body: ScheduleBody): Promise<unknown> =>
  id ? change('PUT', schedule(id), body) : postJson('briefings/schedules', body);
export const removeSchedule = (id: string) => remove(schedule(id));
export const briefingFile = (of: { schedule: string; period: string }, name: string) =>
  file(['briefings', of.schedule, of.period, name].map(encodeURIComponent).join('/'), {});
