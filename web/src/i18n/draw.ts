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
    '单击一角,再单击对角,或按住拖动。Esc 退出。键盘:方向键移动十字,空格落点。',
    'Click one corner and the opposite one, or drag. Esc leaves. By keyboard: arrows move a cross, Space sets a corner.',
  ],
  'query.draw.circle.how': [
    '单击圆心,再单击边缘,或按住拖动。Esc 退出。键盘:方向键移动十字,空格落点。',
    'Click the centre and the edge, or drag. Esc leaves. By keyboard: arrows move a cross, Space sets a point.',
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
  'query.boundary': ['输入或粘贴边界', 'Type or paste a boundary'],
  'query.boundary.how': [
    'GeoJSON、WKT、KML(WGS84 经纬度),或每行一个“经度, 纬度”;也可把文件拖到页面上,或不点此处直接按 Ctrl+V。Ctrl+Enter 使用。',
    'GeoJSON, WKT, KML (WGS 84), or one “longitude, latitude” a line; files can be dropped on the page, and Ctrl+V anywhere takes a boundary. Ctrl+Enter uses it.',
  ],
  'query.boundary.take': ['使用此范围', 'Use this area'],
  'query.boundary.file': ['选择文件…', 'Choose a file…'],
  'query.boundary.none': [
    '粘贴的内容不是边界:第 {line} 行应为 GeoJSON、WKT 或 KML。',
    'This is no boundary: line {line} should be GeoJSON, WKT or KML.',
  ],
  'query.boundary.json': [
    '第 {line} 行不是有效的 JSON,请检查括号、引号和逗号。',
    'Line {line} is not valid JSON; check brackets, quotes and commas.',
  ],
  'query.boundary.nopolygon': [
    '第 {line} 行起没有面(Polygon 或 MultiPolygon)。点和线不能作范围;点请用“自有点位”。',
    'From line {line} on there is no Polygon or MultiPolygon. Points and lines are no area; for points there is “Own points”.',
  ],
  'query.boundary.ring': [
    '第 {line} 行附近的一圈没有闭合,或不足三个顶点。',
    'Near line {line} a ring is not closed or has fewer than three corners.',
  ],
  'query.boundary.number': [
    '第 {line} 行应为两个数:经度, 纬度。',
    'Line {line} should be two numbers: longitude, latitude.',
  ],
  'query.boundary.earth': [
    '第 {line} 行的坐标超出范围,应为经度 -180..180、纬度 -90..90;若是投影坐标,请先转换为经纬度。',
    'Line {line} is not on Earth: longitude -180..180, latitude -90..90. Convert projected coordinates first.',
  ],
  'query.boundary.swapped': [
    '第 {line} 行的经度、纬度像是填反了,应先写经度。',
    'Line {line} seems to have latitude first; longitude comes first.',
  ],
  'query.boundary.many': [
    '边界过大:最多 10,000 个顶点、4 MB,请先简化(第 {line} 行起)。',
    'The boundary is too large: at most 10,000 corners and 4 MB; simplify it first (from line {line}).',
  ],
});
