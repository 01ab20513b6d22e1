// At which zooms the map draws what: they follow from the extent of the dataset and the number of its rows.
import type { Dataset } from '../api/types';
import { dataset } from '../state/data.svelte';
import { partitionOf } from '../state/description';

/** The zooms of this page and of the server's style are written for a dataset whose rows are drawn from this one on. */
const WRITTEN_FOR = 11;
/** The map goes so much further away than the zoom at which the whole fills the window. */
const AROUND = 1.7;

export interface Zooms {
  /** The map goes no further away. */
  least: number;
  /** At which the whole fills the window. */
  whole: number;
  /** From which rows are drawn; before it zones are shaded by number. */
  apart: number;
  /** From which rows are single enough to be drawn, whether zones are shaded or not. */
  rows: number;
  /** What is fitted into the window is shown no nearer. */
  nearest: number;
  /** What is added to a zoom that the page is written with. */
  shift: number;
}
type Described = Pick<Dataset, 'zooms' | 'zone_kinds'> | null | undefined;

export function zoomsOf(data: Described): Zooms {
  const { whole, rows } = data?.zooms ?? { whole: 0, rows: WRITTEN_FOR };
  return {
    least: Math.max(0, Math.floor((whole - AROUND) * 2) / 2),
    whole,
    apart: !data || partitionOf(data) ? rows : 0,
    rows,
    nearest: Math.min(17, rows + 3.5),
    shift: rows - WRITTEN_FOR,
  };
}
/** Those of the dataset on screen. */
export const zooms = (): Zooms => zoomsOf(dataset.value);
