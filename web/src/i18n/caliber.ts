// Sentences of how rows were counted.
import { sentences } from './panel';

export const say = sentences({
  by_point: ['按点位归入', 'Placed by point'],
  by_declared: ['按填报{kind}归入', 'Placed by declaration ({kind})'],
  mismatch: ['点位与填报不一致', 'Point and declaration differ'],
  located: ['有点位', 'With a point'],
  unlocated: ['无点位', 'Without a point'],
});
