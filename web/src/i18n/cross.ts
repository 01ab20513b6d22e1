// Sentences of drawing by keyboard.
import { sentences } from './panel';

export const say = sentences({
  put: ['在十字处加位置', 'Position at the cross'],
  keys: [
    '键盘:方向键移动地图上的十字(Shift 更远),空格加位置,退格退一个。',
    'By keyboard: arrow keys move the cross on the map (Shift: farther), Space adds a position, Backspace takes the last back.',
  ],
});
