// Sentences of the map that is a picture.
import { sentences } from './panel';

export const say = sentences({
  'plain.label': [
    '地图图片。用方向键平移,加减键缩放,回车选择画面中心处的区域;左侧区域列表可完成同样的选择。',
    'Picture of the map. Arrow keys pan, plus and minus zoom, Enter chooses the zone in the middle; the list of zones on the left does the same.',
  ],
  'plain.picture': ['{@row}与空间布局图,由服务器绘制', '{@Rows} and spatial layout, drawn by the server'],
  'plain.failed': ['地图图片没有画出来。', 'The picture of the map could not be drawn.'],
  'plain.pan': ['平移', 'Pan'],
  'plain.up': ['向上', 'Up'],
  'plain.down': ['向下', 'Down'],
  'plain.left': ['向左', 'Left'],
  'plain.right': ['向右', 'Right'],
});
