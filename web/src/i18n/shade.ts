// Sentences of what is mapped: how values are cut into classes, and the ramp.
import { sentences } from './panel';

export const say = sentences({
  'shade.cut': ['分级', 'Classes by'],
  'shade.breaks': ['断点', 'Breaks'],
  'shade.breaks.wrong': ['请填 1 到 {n} 个数,用逗号隔开。', 'Give 1 to {n} numbers with commas between.'],
  'shade.classes': ['级数', 'Classes'],
  'shade.ramp': ['色带', 'Colours'],
  'shade.ramp.own': ['默认', 'As usual'],
  'shade.reversed': ['颜色反向', 'Reversed'],
});
