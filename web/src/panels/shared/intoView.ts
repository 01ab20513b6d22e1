// An attachment: what is said comes into view, where it stands above or below what the reader looks at.
export const intoView = (element: Element): void => element.scrollIntoView({ block: 'nearest' });
