// What is said beside a figure of when it is: filled where it is known, after the figures themselves.
export interface Dated {
  text: string;
  /** Whether new figures were due. */
  late: boolean;
}
/** By the id of a metric of the table shown; by the id of a collection with `@` before it. */
export const fresh: { said: Record<string, Dated> } = $state({ said: {} });
