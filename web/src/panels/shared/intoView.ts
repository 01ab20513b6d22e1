// Attachments: what is said comes into view, where it stands above or below what the reader looks at.
export const intoView = (element: Element): void => element.scrollIntoView({ block: 'nearest' });

/** The same while it grows, as when what it holds is still fetched, until the reader goes on. */
export function staysInView(element: Element): () => void {
  const seen = new ResizeObserver(() => intoView(element));
  const off = () => seen.disconnect();
  seen.observe(element);
  const own = { capture: true, once: true } as const;
  for (const kind of ['pointerdown', 'wheel', 'keydown'] as const) addEventListener(kind, off, own);
  return off;
}
