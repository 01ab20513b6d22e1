// Sentences of what lies within a distance of a feature.
import { sentences } from './panel';

export const say = sentences({
  open: ['周边范围…', 'Within a distance…'],
  title: ['距离以内(缓冲区)', 'Within (buffer)'],
  unit: ['单位', 'Unit'],
  m: ['米', 'm'],
  km: ['公里', 'km'],
  show: ['看这一范围', 'Show'],
  change: ['改为这一距离', 'Change'],
  bad: ['距离应为 1 米至 500 公里的数', 'The distance is a number from 1 m to 500 km'],
  sides: ['线两侧各这么宽', 'This wide on either side of the line'],
});
