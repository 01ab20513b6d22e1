// Sentences of the drawing tools, and of areas put together.
import { sentences } from './panel';

export const say = sentences({
  'query.draw': ['圈选', 'Draw'],
  'query.draw.key': ['按 D 开始圈选', 'Press D to draw'],
  'query.draw.polygon': ['多边形', 'Polygon'],
  'query.draw.rectangle': ['矩形', 'Rectangle'],
  'query.draw.circle': ['圆', 'Circle'],
  'query.draw.line': ['线', 'Line'],
  'query.draw.line.how': [
    '单击放置折点,双击或 Enter 完成,宽度随后填写;退格撤销一点,Esc 退出。',
    'Click to set bends, double-click or Enter to finish; the width comes next. Backspace takes one back, Esc leaves.',
  ],
  'query.draw.polygon.how': [
    '在地图上逐点单击,单击起点或按 Enter 完成。退格撤回一点,Esc 退出。键盘:方向键移动十字,空格落点。',
    'Click corner by corner; click the first one or press Enter to finish. Backspace takes a corner back, Esc leaves. By keyboard: arrows move a cross, Space sets a corner.',
  ],
  'query.draw.rectangle.how': [
    '单击一角,再单击对角,或按住拖动。Esc 退出。',
    'Click one corner and the opposite one, or drag. Esc leaves.',
  ],
  'query.draw.circle.how': [
    '单击圆心,再单击边缘,或按住拖动。Esc 退出。',
    'Click the centre and the edge, or drag. Esc leaves.',
  ],
  'query.draw.edit.how': [
    '拖动顶点、边的中点或整个范围,数字随之更新。右键删除顶点。',
    'Drag corners, the middles of edges or the whole area; the numbers follow. Right-click removes a corner.',
  ],
  'query.draw.edit.circle': [
    '拖动圆周改半径,拖动圆内移动,数字随之更新;半径也可在下面填写。',
    'Drag the edge to change the radius, the inside to move it; the numbers follow. The radius can be typed below, too.',
  ],
  'query.draw.size': ['{corners} 个顶点 · 约 {km2} km²', '{corners} corners · about {km2} km²'],
  'query.draw.size.line': ['长 {length}', '{length} long'],
  'query.draw.size.circle': ['半径 {radius} · {km2} km²', 'Radius {radius} · {km2} km²'],
  'query.radius': ['半径(米)', 'Radius (metres)'],
  'query.draw.undo': ['撤销', 'Undo'],
  'query.draw.leave': ['退出', 'Leave'],
  'query.draw.done': ['完成', 'Done'],
  'query.draw.edit': ['修改边界', 'Change the outline'],
  'query.draw.failed': [
    '绘图工具没有载入,请重试;也可在下面输入坐标。',
    'The drawing tool did not load. Try again, or type coordinates below.',
  ],
  'query.combine': ['与其他范围组合(并/交/差)', 'Put together with other areas'],
  'query.combine.zone': ['选择区域…', 'Choose an area…'],
  'query.combine.draw': ['再圈一块', 'Draw another'],
  'query.combine.without': ['移除{name}', 'Remove {name}'],
  'query.op.union': ['并', 'Union'],
  'query.op.intersection': ['交', 'Within'],
  'query.op.difference': ['差', 'Minus'],
  'query.op.union.why': ['两个范围合在一起,重叠处只计一次', 'Both areas; what both hold counts once'],
  'query.op.intersection.why': ['只要两个范围共有的部分', 'Only what both areas hold'],
  'query.op.difference.why': ['从现有范围中减去', 'Taken away from the area'],
});
