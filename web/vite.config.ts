// How the page is built: Svelte, hashed assets, no inlined files (the CSP allows none), unit tests.
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

const server = process.env.SHIGU_URL ?? 'http://127.0.0.1:8080';
const rooms =
  'api|basemap.pmtiles|collections|dataset|healthz|indicators|links|map|plan|readyz|report|s|search|site|style.json|summary|xyz|zones';

// The map's worker is an .mjs file; servers that do not know that ending would break the map.
const asJs = (file: { names: string[] }): string =>
  file.names[0]?.endsWith('.mjs') ? 'assets/[name]-[hash].js' : 'assets/[name]-[hash][extname]';

export default defineConfig({
  base: './',
  plugins: [svelte()],
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    rolldownOptions: { output: { assetFileNames: asJs } },
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1400,
  },
  server: { proxy: { [`^/(${rooms})(/|\\?|$)`]: { target: server, changeOrigin: false } } },
  test: { include: ['tests/**/*.test.ts'], setupFiles: ['tests/setup.ts'], environment: 'node' },
});
