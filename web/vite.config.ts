// How the page is built: Svelte, hashed assets, no inlined files (the CSP allows none), unit tests.
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';
import { servicePattern } from './proxy';

const server = process.env.SHIGU_URL ?? 'http://127.0.0.1:8080';

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
    // what the page is made of, and under which licences: it is served with the page, and a release lists it
    license: { fileName: 'licenses.json' },
  },
  server: { proxy: { [servicePattern]: { target: server, changeOrigin: false } } },
  test: { include: ['tests/**/*.test.ts'], setupFiles: ['tests/setup.ts'], environment: 'node' },
});
