// Where the stages of a chain stand in its diagram, their figures as written, and the list of their rows.
import type { Chain, ChainArea, ChainCell, ChainStage } from '../../api/types';
import { amountText } from '../../i18n/format';
import { go, view } from '../../state/view.svelte';
import { parse, print } from '../shared/cql';

/** A box and the room between boxes, in pixels. */
export const sizes = { wide: 184, high: 88, across: 52, down: 16 } as const;

interface Box {
  stage: ChainStage;
  left: number;
  top: number;
}

/** Boxes in columns, each column in the middle, and a curve for each link. */
export function placed(stages: readonly ChainStage[]) {
  const columns: ChainStage[][] = [];
  for (const stage of stages) (columns[stage.column] ??= []).push(stage);
  const { wide, high, across, down } = sizes;
  const most = Math.max(0, ...columns.map((column) => column.length));
  const height = most * (high + down) - down;
  const boxes = columns.flatMap((column, x) =>
    column.map((stage, y): Box => {
      const free = height - (column.length * (high + down) - down);
      return { stage, left: x * (wide + across), top: free / 2 + y * (high + down) };
    }),
  );
  const at = new Map(boxes.map((box) => [box.stage.code, box]));
  const links = boxes.flatMap((to) =>
    to.stage.after.flatMap((code) => {
      const from = at.get(code);
      if (!from) return [];
      const [x1, y1, x2, y2] = [from.left + wide, from.top + high / 2, to.left - 2, to.top + high / 2];
      const bend = across / 2;
      return [
        { key: `${code} ${to.stage.code}`, path: `M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}` },
      ];
    }),
  );
  return { boxes, links, width: Math.max(0, columns.length * (wide + across) - across), height };
}

/** The figure beside the number of rows; nothing where it is that number. */
export function valueText(of: Chain, cell: ChainCell): string {
  if (of.weight.id === 'count' || (!cell.withheld && typeof cell.value !== 'number')) return '';
  const amount = { sum: cell.value, unit: of.weight.unit, reported: 1, missing: 0, withheld: cell.withheld };
  const { value, unit } = amountText(amount, of.weight.decimals);
  return ` · ${value} ${unit}`.trimEnd();
}

/** Shows the rows of a stage in an area, under the conditions that there are. */
export function listStage(of: Chain, area: ChainArea, stage: string): void {
  const own = print([{ property: of.property ?? '', verb: '=', values: [stage] }]) ?? '';
  const before = view.filter && parse(view.filter) ? view.filter : view.filter && `(${view.filter})`;
  go({
    mode: 'query',
    cluster: of.class?.code ?? null,
    filter: before ? `${before} AND ${own}` : own,
    ...(area.id || of.zone_kind ? { zone: area.id || null } : {}),
  });
}
