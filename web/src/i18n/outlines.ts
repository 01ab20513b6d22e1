// Sentences of what a version or a draft changes, on the map.
import { sentences } from './panel';

export const say = sentences({
  old: ['原轮廓', 'old outline'],
  new: ['新轮廓', 'new outline'],
  title: ['v{n} 的改动', 'Changes of v{n}'],
  off: ['不再显示', 'Take off the map'],
  none: ['这个版本没有移动或改形', 'This version moved and reshaped nothing'],
  more: ['另有 {n} 项未画出', '{n} more {n|is|are} not drawn'],
  reshaped: ['改形', 'reshaped'],
  all: ['全部改动', 'All changes'],
});
