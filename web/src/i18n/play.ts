// Sentences of the slider of periods.
import { sentences } from './panel';

export const say = sentences({
  'play.start': ['播放', 'Play'],
  'play.stop': ['停止', 'Stop'],
  'play.back': ['上一期', 'Period before'],
  'play.next': ['下一期', 'Period after'],
  'play.slider': ['时期', 'Period'],
  'play.swipe': ['与 {period}卷帘对比', 'Swipe against {period}'],
});
