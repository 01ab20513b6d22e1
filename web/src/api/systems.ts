// The reference systems of the service; fetched on use.
import { getJson } from './http';
import type { components } from './schema';

export type SystemInfo = components['schemas']['SystemInfo'];
/** What a conversion takes of it. */
export type Projection = Pick<SystemInfo, 'projection' | 'plane'>;
export type Plane = components['schemas']['PlaneInfo'];

const list = async (query: { code?: string }) =>
  (await getJson<components['schemas']['SystemList']>('systems', query)).systems;
/** Those in which the data is offered. */
export const offered = () => list({});
/** The one of a code of the EPSG register. */
export const ofCode = async (code: string) => (await list({ code }))[0]!;
