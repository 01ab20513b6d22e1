// The few things of a browser that state/ reads when it is loaded.
import { vi } from 'vitest';

vi.stubGlobal('location', new URL('http://shigu.test/'));
vi.stubGlobal('addEventListener', () => {});
vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener: () => {} }));
vi.stubGlobal('history', { pushState: () => {}, replaceState: () => {} });
vi.stubGlobal('document', { baseURI: 'http://shigu.test/sub/' });
vi.stubGlobal('navigator', { language: 'zh-CN' });
