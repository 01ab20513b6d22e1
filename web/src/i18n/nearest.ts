// Sentences of where the nearest row is, when an area holds none.
import { sentences } from './panel';

export const say = sentences({
  'query.nearest': ['最近的{@row}在{wind} {far}处。', 'The nearest {@row} is {far} to the {wind}.'],
  'query.nearest.widen': ['扩大到 {far}', 'Widen to {far}'],
  'query.wind.0': ['正北', 'north'],
  'query.wind.1': ['东北', 'north-east'],
  'query.wind.2': ['正东', 'east'],
  'query.wind.3': ['东南', 'south-east'],
  'query.wind.4': ['正南', 'south'],
  'query.wind.5': ['西南', 'south-west'],
  'query.wind.6': ['正西', 'west'],
  'query.wind.7': ['西北', 'north-west'],
});
