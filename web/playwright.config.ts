// Stories: what a planner does, in Debian's Chromium, against the built program (or a running one: SHIGU_URL).
import { defineConfig } from '@playwright/test';
import { PROGRAM } from './stories/server';
import { MEASURED } from './stories/written';

const OWN = 'http://127.0.0.1:8973';

export default defineConfig({
  testDir: 'stories',
  testIgnore: MEASURED ? [] : ['times.spec.ts'],
  // roomy: a computer that is busy with other work makes no test fail
  timeout: 120_000,
  expect: { timeout: 30_000 },
  workers: 1,
  // a second try is printed as "flaky", not as passed
  retries: process.env.CI ? 1 : 0,
  reporter: [['list']],
  ...(process.env.SHIGU_URL
    ? {}
    : {
        webServer: {
          command: `SHIGU_LOG=warn ${PROGRAM} serve --geodata ../geodata/hangzhou --listen ${OWN.slice(7)}`,
          url: `${OWN}/readyz`,
          reuseExistingServer: false,
        },
      }),
  use: {
    baseURL: process.env.SHIGU_URL ?? OWN,
    viewport: { width: 1366, height: 768 },
    locale: 'zh-CN',
    colorScheme: 'light',
    acceptDownloads: true,
    screenshot: 'only-on-failure',
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: [
        '--no-sandbox',
        '--use-gl=angle',
        '--use-angle=swiftshader',
        '--enable-unsafe-swiftshader',
        '--disable-background-networking',
        // the map is drawn by SwiftShader all the same; the page around it costs a sixth less CPU without
        '--disable-gpu-compositing',
      ],
    },
  },
});
