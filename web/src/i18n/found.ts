// Sentences of the panels about what is found in the data. They come with these panels, not with the first load of the page.
import { dataset } from '../state/data.svelte';
import { lang } from '../state/view.svelte';
import { inserted } from './terms';

const texts = {
  'what.areas': ['热点片', 'Hot areas'],
  'what.hexagons': ['冷热六边形', 'Hexagons'],
  'what.density': ['密度', 'Density'],
  off: ['不显示', 'Off'],
  distance: ['邻近距离(米)', 'Distance (m)'],
  least: ['最少点数(含自身)', 'Least number (itself counted)'],
  resolution: ['六边形级别(H3)', 'Resolution (H3)'],
  bandwidth: ['带宽(米)', 'Bandwidth (m)'],
  against: ['对照', 'Set against'],
  reset: ['恢复推定值', 'Values from the data'],
  few: ['有坐标的{@rows}太少,不作分析。', 'Too few {@rows} with a position to say anything.'],
  'areas.found': [
    '{located} {@counter}{@rows}中找到 {n} 片,含 {dense}({part})。',
    '{n} areas among {located} {@rows}; they hold {dense} ({part}).',
  ],
  'areas.missed': ['其中 {n} {@counter}不在任何规划范围内。', '{n} of them lie in no planned area.'],
  'areas.name': ['所在', 'Where'],
  'areas.count': ['{@rows}', '{@Rows}'],
  'areas.density': ['每km²', 'per km²'],
  'areas.outside': ['规划外', 'missed'],
  'areas.planned': ['规划范围对照', 'Planned areas'],
  'areas.planned.head': ['规划范围', 'Planned area'],
  'areas.planned.dense': ['在热点片', 'in hot areas'],
  'areas.planned.empty': ['无集聚 km²', 'without, km²'],
  'areas.empty': ['范围内未见{@rows}', 'no {@rows} inside'],
  'areas.lead': ['最多:{name} {part}', 'Mostly {name}, {part}'],
  'areas.legend': ['数字为按{@rows}数的序号', 'Numbered by {@rows}'],
  'finding.planned': ['全在规划内', 'all inside the plan'],
  'finding.partly_planned': ['部分在规划内', 'partly inside the plan'],
  'finding.missed': ['规划未覆盖', 'missed by the plan'],
  'finding.not_compared': ['未对照', 'not compared'],
  'hexagons.found': [
    '{all} 格(每格约 {km2} km²)中热点 {hot} 格、冷点 {cold} 格;热点格内 {rows} {@counter}{@rows}。',
    'Of {all} hexagons of about {km2} km² {hot} are hot and {cold} cold; the hot ones hold {rows} {@rows}.',
  ],
  'hexagons.title': ['邻格{@rows}数与偶然之比', '{@Rows} around, against chance'],
  'hexagons.hot': ['热点:q ≤ {q},多于偶然', 'Hot: q ≤ {q}, more than chance'],
  'hexagons.cold': ['冷点:q ≤ {q},少于偶然', 'Cold: q ≤ {q}, fewer than chance'],
  'hexagons.near.hot': ['p ≤ {q} 但 q > {q}(多):不算', 'p ≤ {q}, q > {q} (more): not said'],
  'hexagons.near.cold': ['p ≤ {q} 但 q > {q}(少):不算', 'p ≤ {q}, q > {q} (fewer): not said'],
  'hexagons.neither': ['与偶然无显著差异', 'Not unlike chance'],
  'hexagons.withheld': ['不公开', 'Withheld'],
  'hexagons.list': ['热点格,按 p 值', 'Hot hexagons by p-value'],
  'hexagons.around': ['邻格', 'around'],
  'density.found': ['最高约每平方公里 {n} {@counter}。', 'At most about {n} {@rows} to a km².'],
  'density.title': ['{@Rows}/km²', '{@Rows} per km²'],
  'density.band': ['密度', 'Density'],
  'density.peaks': ['密度高处', 'Peaks'],
  km2: ['km²', 'km²'],
  withheld: ['另有 {n} 处按统计保密要求不显示。', '{n} more are withheld for confidentiality.'],
  about: ['怎么算的、什么时候不能信', 'How it is made, when not to believe it'],
  download: ['下载', 'Download'],
  moran: ['局部莫兰', 'Local Moran'],
  high_high: ['高-高', 'high-high'],
  low_high: ['低-高', 'low-high'],
  low_low: ['低-低', 'low-low'],
  high_low: ['高-低', 'high-low'],
  more: ['只列前 {n} 个,其余见下载的文件。', 'The first {n}; the others are in the file.'],
} as const satisfies Record<string, readonly [string, string]>;

export type FoundKey = keyof typeof texts;
export const isFoundKey = (key: string): key is FoundKey => key in texts;

export function say(key: FoundKey, values: Record<string, string | number> = {}): string {
  const english = lang() === 'en';
  return inserted(texts[key][english ? 1 : 0], values, dataset.value, english ? 'en' : 'zh');
}
