// Another running program with settings or rows of its own, for stories that the common one can't tell.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync, renameSync } from 'node:fs';

/** The program under test; `make journeys` takes the release build. */
export const PROGRAM = process.env.SHIGU_PROGRAM ?? '../target/debug/shigu';

export interface Served {
  base: string;
  /** What the program has said to whoever started it. */
  said: (wanted: RegExp) => string;
  stop: () => Promise<void>;
}
export async function serve(...args: string[]): Promise<Served> {
  const server: ChildProcess = spawn(
    PROGRAM,
    ['serve', ...(args.includes('--listen') ? [] : ['--listen', '127.0.0.1:0']), ...args],
    {
      env: { ...process.env, SHIGU_LOG: 'warn' },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let output = '';
  server.stderr!.on('data', (part) => (output += String(part)));
  const base = await new Promise<string>((found, failed) => {
    server.once('exit', () => failed(new Error('the program stopped: is it built? cargo build')));
    server.stdout!.on('data', (said) => {
      const at = /http:\/\/[\d.]+:\d+/.exec(String(said));
      if (at) found(at[0]);
    });
  });
  const stop = () =>
    new Promise<void>((gone) => {
      server.removeAllListeners('exit');
      server.once('exit', () => gone());
      server.kill();
    });
  const said = (wanted: RegExp): string => wanted.exec(output)?.[0] ?? '';
  return { base, said, stop };
}

/** Hangzhou with so many enterprises in its register, as a folder. Kept from run to run: to write a million takes a minute. */
export function hangzhouWith(rows: number): string {
  const [from, register] = ['../geodata/hangzhou', 'enterprises.geojson'];
  const folder = `../target/stories/rows-${rows}`;
  mkdirSync(folder, { recursive: true });
  for (const file of readdirSync(from)) if (file !== register) copyFileSync(`${from}/${file}`, `${folder}/${file}`);
  if (!existsSync(`${folder}/${register}`)) {
    execFileSync(PROGRAM, [
      'generate',
      '--geodata',
      from,
      '--count',
      String(rows),
      '--seed',
      '1',
      '--out',
      `${folder}/${register}.part`,
    ]);
    renameSync(`${folder}/${register}.part`, `${folder}/${register}`);
  }
  return folder;
}
