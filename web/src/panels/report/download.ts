// Makes the files of an export one after the other, tells how far it is, and packs several into one.
import { type NamedFile } from '../../api/http';
import { type Question, report } from '../../api/shigu';

/** One file to make. */
export interface Task {
  question: Question;
  zone: string;
  format: string;
}

/** The server paints two maps at a time; more would only wait there. */
const AT_ONCE = 2;

/** The files in the order of the tasks; `view` leads from a file to its drawn area. Stops at the first failure, or when it is cancelled. */
export async function make(
  tasks: Task[],
  lang: string,
  view: string | null,
  choropleth: string | null,
  step: (done: number, task: Task) => void,
  signal: AbortSignal,
): Promise<NamedFile[]> {
  const files: NamedFile[] = [];
  const stop = new AbortController();
  const given = AbortSignal.any([signal, stop.signal]);
  let next = 0;
  let done = 0;
  const work = async () => {
    for (let i = next++; i < tasks.length; i = next++) {
      const task = tasks[i]!;
      step(done, task);
      files[i] = await report(task.question, task.format, lang, given, view, choropleth);
      step(++done, task);
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, tasks.length) }, work));
  } catch (cause) {
    stop.abort();
    throw cause;
  }
  return files;
}

/** Several files in one archive; they are packed already, so it only holds them together. */
export async function pack(files: NamedFile[], name: string): Promise<NamedFile> {
  const { zipSync } = await import('fflate');
  const entries: Record<string, Uint8Array> = {};
  for (const { name: entry, bytes } of files) entries[entry] = new Uint8Array(await bytes.arrayBuffer());
  return { name, bytes: new Blob([new Uint8Array(zipSync(entries, { level: 0 }))], { type: 'application/zip' }) };
}
