// Another running program with settings of its own, for stories that the common one can't tell.
import { type ChildProcess, spawn } from 'node:child_process';

export interface Served {
  base: string;
  stop: () => Promise<void>;
}
export async function serve(...args: string[]): Promise<Served> {
  const server: ChildProcess = spawn('../target/debug/shigu', ['serve', '--listen', '127.0.0.1:0', ...args], {
    env: { ...process.env, SHIGU_LOG: 'warn' },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const base = await new Promise<string>((found, failed) => {
    server.once('exit', () => failed(new Error('the program stopped: is it built? cargo build')));
    server.stdout!.on('data', (said) => {
      const at = /http:\/\/127\.0\.0\.1:\d+/.exec(String(said));
      if (at) found(at[0]);
    });
  });
  const stop = () =>
    new Promise<void>((gone) => {
      server.removeAllListeners('exit');
      server.once('exit', () => gone());
      server.kill();
    });
  return { base, stop };
}
