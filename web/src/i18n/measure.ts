// Sentences of the measuring.
import { sentences } from './panel';

export const say = sentences({
  title: ['量测', 'Measure'],
  distance: ['总长', 'Length'],
  leg: ['末段', 'Last leg'],
  bearing: ['末段方位角', 'Its bearing'],
  area: ['围成面积', 'Area inside'],
  point: ['坐标:经度, 纬度', 'Coordinates: longitude, latitude'],
  add: ['加点', 'Add'],
  wrong: ['请填坐标,如 120.10, 30.25。', 'Give coordinates like 120.10, 30.25.'],
  scale: ['比例尺 1 :', 'Scale 1 :'],
});
