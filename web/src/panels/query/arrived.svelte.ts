/** A boundary that was pasted or dropped on the page, until the panel that reads it is there: that panel is fetched on use. */
export const arrived = $state<{ boundary: string | File | null }>({ boundary: null });

export const isBoundary = (file: File | undefined): boolean => /\.(geojson|json|kml|wkt|txt)$/i.test(file?.name ?? '');
