// Sentences of the dialog that prints the map.
import { sentences } from './panel';

export const say = sentences({
  'print.name': ['标题', 'Title'],
  'print.paper': ['纸张', 'Paper'],
  'print.orientation': ['方向', 'Orientation'],
  'print.landscape': ['横向', 'Landscape'],
  'print.portrait': ['纵向', 'Portrait'],
  'print.seal': ['盖章处与审图号', 'Box for seal and approval number'],
  'print.notes': ['标注({n} 处)', 'Annotations ({n})'],
  'print.points': ['自有点位({n} 个)', 'Own points ({n})'],
  'print.whole': ['画全部范围(不按当前视图)', 'The whole, not the view'],
  'print.preview': ['打印预览', 'Preview'],
  'print.how': ['比例尺、指北针、来源与版本总在图上。', 'Scale bar, north, source and revision are always on it.'],
});
