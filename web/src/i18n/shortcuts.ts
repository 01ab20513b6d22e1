// Sentences of the list of keys.
import { sentences } from './panel';

export const say = sentences({
  title: ['快捷键', 'Keyboard shortcuts'],
  everywhere: ['处处可用', 'Everywhere'],
  map: ['地图', 'Map'],
  draw: ['圈选', 'Drawing'],
  list: ['列表', 'Lists'],
  help: ['显示快捷键', 'Show the shortcuts'],
  search: ['搜索,或输入坐标', 'Search, or type coordinates'],
  escape: ['退出工具,逐级清除选择', 'Leave the tool, then what is chosen'],
  pan: ['平移', 'Pan'],
  zoom: ['放大、缩小', 'Zoom in and out'],
  begin: ['开始圈选多边形', 'Begin a polygon'],
  cursor: ['移动十字光标(Shift 移得更远)', 'Move the cross (Shift: further)'],
  corner: ['在光标处落点', 'Set a corner at the cross'],
  finish: ['完成', 'Finish'],
  undo: ['撤回一点或一步', 'Take back a corner or a step'],
  rows: ['在行间移动', 'Move between rows'],
  row: ['选中并飞到地图', 'Choose, and fly to it on the map'],
});
