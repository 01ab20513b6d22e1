// Sentences of the choice of a coordinate system.
import { sentences } from './panel';

export const say = sentences({
  degrees: ['WGS84 / CGCS2000(经度, 纬度)', 'WGS 84 / CGCS2000 (longitude, latitude)'],
  gcj02: ['GCJ-02(经度, 纬度)', 'GCJ-02 (longitude, latitude)'],
  latLon: ['{title}(纬度, 经度)', '{title} (latitude, longitude)'],
  northEast: ['{title}(北坐标 N, 东坐标 E)', '{title} (northing N, easting E)'],
  eastNorth: ['{title}(东坐标 E, 北坐标 N)', '{title} (easting E, northing N)'],
  code: ['其他:EPSG 代码', 'Another: EPSG code'],
  use: ['采用', 'Use'],
  typed: [
    '读数与输入的坐标(搜索框、量测)都按此坐标系。',
    'Coordinates are shown in this system, and those typed in the search box or while measuring are read in it.',
  ],
});
