// A reader's own points, read and counted by the service; fetched with the panel that shows them.
import { upload } from './http';
import type { OwnPointList } from './types';

export const readPoints = (bytes: Blob, crs: string, signal: AbortSignal) =>
  upload<OwnPointList>('points', { crs }, bytes, () => {}, signal);
