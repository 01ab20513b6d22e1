// Sentences of the comparison: what is compared, and its maps.
import { sentences } from './panel';

export const say = sentences({
  'compare.chosen': ['已选 {n}/{most}', '{n} of {most} chosen'],
  'compare.full': ['最多并排 {n} 列,先取消一个再选。', 'At most {n} columns; take one out first.'],
  'compare.largest': ['{@row}最多的 {n} 个', 'The {n} largest'],
  'compare.clear': ['全部取消', 'None'],
  'compare.saved': ['保存的范围', 'Saved areas'],
  'compare.areas': ['自定范围', 'Areas of your own'],
  'compare.area.name': ['名称:{name}', 'Name: {name}'],
  'compare.area.drop': ['删除{name}', 'Delete {name}'],
  'compare.against': ['与哪年对比', 'Against'],
  'compare.none': ['不对比', 'none'],
  'compare.maps': ['地图并排', 'Maps side by side'],
  'compare.maps.periods': ['{a}与{b},同一范围,左右联动', '{a} and {b}: the same area, moving together'],
  'compare.maps.zones': ['{a}与{b},同一缩放级,左右联动', '{a} and {b}: the same zoom, moving together'],
  'compare.maps.same': ['两图同一比例尺、同一分级', 'both maps: one scale, one set of classes'],
  'compare.maps.home': ['回到所选区域', 'Back to the zones'],
  'compare.maps.flat': [
    '简洁模式:只画区域轮廓与布局线,分级与比例尺相同。',
    'Plain mode: outlines of areas and lines of the layout only; classes and scale are the same.',
  ],
  'compare.map.label': [
    '地图:{title}。用方向键平移,加减键缩放,另一张图随之移动。',
    'Map: {title}. Arrow keys pan, plus and minus zoom; the other map follows.',
  ],
  'swipe.title': ['卷帘', 'Swipe'],
  'swipe.divider': [
    '卷帘分界:左为{a},右为{b}。用方向键移动。',
    'Divider: {a} on the left, {b} on the right. Arrow keys move it.',
  ],
  'compare.zones': ['对比区域', 'Zones to compare'],
  'compare.choose': ['选择区域与年份(已选 {n})', 'Choose zones and periods ({n} chosen)'],
  'compare.empty': [
    '还没有选择区域。请在区域列表中勾选,最多 10 个。',
    'No zone is chosen yet. Tick up to ten in the list of zones.',
  ],
});
