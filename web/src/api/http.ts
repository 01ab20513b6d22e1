// One way to ask the server: JSON in, JSON or a file out, and every failure a Problem.
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    /** What is wrong, in Chinese or in one language only. */
    readonly detail: string,
    readonly requestId: string | null = null,
    /** Where an outline is wrong. */
    readonly position: [number, number] | null = null,
    /** Where a filter is wrong: the character, counted from 1. */
    readonly character: number | null = null,
    /** The same in English. */
    readonly detailEn: string | null = null,
  ) {
    super(detail);
  }
  /** What was caught, as a problem: one of the page's own where the server did not say it. */
  static of(cause: unknown): Problem {
    return cause instanceof Problem ? cause : new Problem(-1, 'page', String(cause));
  }
  /** True when no answer came at all: the network, not the server, is at fault. */
  get offline(): boolean {
    return this.status === 0;
  }
}

type Params = Record<string, string | number | null | undefined>;
let language = 'zh-CN';
/** Which language the server's sentences should come in. */
export const setLanguage = (lang: string): void => void (language = lang);

let bearer: string | null = null;
/** The token of a participant's link, which goes along with everything that is asked. */
export const setBearer = (token: string): void => void (bearer = `Bearer ${token}`);

/** An address relative to the page, so that the page also works under a path prefix. */
export function address(path: string, params: Params = {}): string {
  const url = new URL(path, document.baseURI);
  for (const [key, value] of Object.entries(params)) {
    if (value !== null && value !== undefined && value !== '') url.searchParams.set(key, String(value));
  }
  return url.href;
}

async function problemOf(answer: Response): Promise<Problem> {
  const body: Record<string, unknown> = await answer.json().catch(() => ({}));
  return new Problem(
    answer.status,
    String(body.code ?? answer.status),
    // what stands between page and service may answer without a document: then there are no words
    String(body.detail ?? body.title ?? ''),
    (body.request_id as string) ?? null,
    (body.position as [number, number]) ?? null,
    (body.character as number) ?? null,
    (body.detail_en as string) ?? null,
  );
}

async function ask(url: string, init: RequestInit): Promise<Response> {
  const headers = new Headers(init.headers);
  headers.set('Accept-Language', language);
  if (bearer) headers.set('Authorization', bearer);
  let answer: Response;
  try {
    answer = await fetch(url, { ...init, headers });
  } catch (cause) {
    if (init.signal?.aborted) throw cause;
    throw new Problem(0, 'offline', '');
  }
  if (!answer.ok) throw await problemOf(answer);
  return answer;
}

export async function getJson<T>(path: string, params: Params = {}, signal?: AbortSignal): Promise<T> {
  const answer = await ask(address(path, params), {
    signal: signal ?? null,
    headers: { Accept: 'application/json, application/geo+json' },
  });
  return (await answer.json()) as T;
}

/** Asks without wanting the answer: only whether it comes. */
export const probe = async (path: string, signal?: AbortSignal): Promise<void> =>
  void (await ask(address(path), { signal: signal ?? null }));

export async function postJson<T>(path: string, body: unknown, signal?: AbortSignal, params: Params = {}): Promise<T> {
  const answer = await ask(address(path, params), post(body, signal));
  return (await answer.json()) as T;
}

/** A picture, as an address that the page gives back with URL.revokeObjectURL. */
export async function picture(path: string, params: Params, body?: unknown, signal?: AbortSignal): Promise<Blob> {
  const init = body ? post(body, signal) : { signal: signal ?? null, headers: {} };
  const answer = await ask(address(path, params), { ...init, headers: { ...init.headers, Accept: 'image/png' } });
  return answer.blob();
}

/** Changes something; the answer, where there is one, is JSON. */
export async function change<T>(method: 'PUT' | 'PATCH', path: string, body: unknown): Promise<T | null> {
  const answer = await ask(address(path), { ...post(body), method });
  return answer.status === 204 ? null : ((await answer.json()) as T);
}

/** Changes something that was seen with this tag; refused where it is another by now. */
export async function changeSeen<T>(
  method: 'POST' | 'PUT' | 'DELETE',
  path: string,
  tag: string,
  body?: unknown,
): Promise<T> {
  const init = body === undefined ? { headers: {} } : post(body);
  const answer = await ask(address(path), { ...init, method, headers: { ...init.headers, 'If-Match': `"${tag}"` } });
  return (answer.status === 204 ? null : await answer.json()) as T;
}

/** Sends a file as it is to what was seen with this tag. */
export async function fileSeen<T>(path: string, params: Params, tag: string, bytes: Blob): Promise<T> {
  const headers = { 'Content-Type': 'application/octet-stream', 'If-Match': `"${tag}"` };
  const answer = await ask(address(path, params), { method: 'POST', body: bytes, headers });
  return (await answer.json()) as T;
}

const post = (body: unknown, signal?: AbortSignal): RequestInit & { headers: Record<string, string> } => ({
  method: 'POST',
  body: JSON.stringify(body),
  signal: signal ?? null,
  headers: { 'Content-Type': 'application/json' },
});

/** Follows the events of a resource until the last, named `end`, or until `stop` is called. Broken connections are mended. */
export function follow<T>(
  path: string,
  received: (event: T, last: boolean) => void,
  lost: () => void,
  stage?: (of: MessageEvent<string>) => void,
): () => void {
  const source = new EventSource(address(path));
  const hear = (last: boolean) => (event: MessageEvent<string>) => {
    if (last) source.close();
    received(JSON.parse(event.data) as T, last);
  };
  source.addEventListener('progress', hear(false));
  source.addEventListener('end', hear(true));
  if (stage) source.addEventListener('stage', stage);
  // what the browser tries again by itself is not lost
  source.onerror = () => source.readyState === EventSource.CLOSED && lost();
  return () => source.close();
}

export async function remove<T = never>(path: string): Promise<T | null> {
  const answer = await ask(address(path), { method: 'DELETE' });
  return answer.status === 200 ? ((await answer.json()) as T) : null;
}

/** Sends a file as it is. `fetch` can't tell how far it is, so this is the one place that does without it. */
export function upload<T>(
  path: string,
  params: Params,
  bytes: Blob,
  sent: (bytes: number) => void,
  signal: AbortSignal,
): Promise<T> {
  return new Promise((done, failed) => {
    const request = new XMLHttpRequest();
    request.open('POST', address(path, params));
    request.setRequestHeader('Content-Type', 'application/octet-stream');
    request.setRequestHeader('Accept-Language', language);
    if (bearer) request.setRequestHeader('Authorization', bearer);
    request.upload.onprogress = (event) => sent(event.loaded);
    request.onerror = () => failed(new Problem(0, 'offline', ''));
    request.onabort = () => failed(new DOMException('stopped', 'AbortError'));
    request.onload = () => {
      const answer = new Response(request.responseText, { status: request.status });
      void (answer.ok ? answer.json().then(done, failed) : problemOf(answer).then(failed));
    };
    signal.addEventListener('abort', () => request.abort(), { once: true });
    request.send(bytes);
  });
}

/** A file with the name that the server chose for it. */
export interface NamedFile {
  name: string;
  bytes: Blob;
}
export async function file(path: string, params: Params, body?: unknown, signal?: AbortSignal): Promise<NamedFile> {
  const answer = await ask(address(path, params), body ? post(body, signal) : { signal: signal ?? null });
  const named = /filename\*=UTF-8''([^;]+)/i.exec(answer.headers.get('Content-Disposition') ?? '')?.[1];
  return { name: named ? decodeURIComponent(named) : `shigu.${params.format ?? 'bin'}`, bytes: await answer.blob() };
}

/** Hands what the page itself wrote to the browser's download list. */
export const saveText = (name: string, type: string, text: string): void =>
  save({ name, bytes: new Blob([text], { type }) });

/** Hands a file that the server keeps to the browser's download list. */
export function fetchFile(path: string): void {
  const link = document.createElement('a');
  link.href = address(path);
  link.download = '';
  link.click();
}

/** Hands a file to the browser's download list. */
export function save({ name, bytes }: NamedFile): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(bytes);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
