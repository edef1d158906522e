// How a view looks at a comparison comes in, the arrangement of its cells goes out: what is across, sorted, and which
// places the filter leaves out. Pure but for reading the runs.
import { whole } from "../store";
import { arrange, filter, sort, type Arrangement, type Slot } from "./arrange";
import type { Comparison } from "./comparison";
import { figuresOf, type FigureName } from "./figures";
import type { Layout } from "../wire";
import { statusOf, type RunStatus } from "./words";

/** Each view looks for itself. */
export interface Outlook {
  across: number;
  sortBy: FigureName | "";
  isFalling: boolean;
  text: string;
  status: RunStatus | "";
}

export const firstOutlook = ({ layout }: Comparison): Outlook => ({
  across: layout.across,
  sortBy: "",
  isFalling: false,
  text: "",
  status: "",
});

export const isFiltered = ({ text, status }: Outlook): boolean => text.trim() !== "" || status !== "";

/** Whether the filter leaves a place: for one of its repeats. */
function isShown({ cells, layout }: Comparison, { text, status }: Outlook, slot: Slot): boolean {
  const wanted = text.trim().toLocaleLowerCase();
  return slot.cells.some((index) => {
    const cell = cells[index];
    if (!cell || (status !== "" && statusOf(cell) !== status)) return false;
    if (wanted === "") return true;
    const texts = [...labelsOf(layout, index), whole(cell.run.text)];
    return texts.some((one) => one.toLocaleLowerCase().includes(wanted));
  });
}

/** What its heads say, in full; not the names of the axes, which every cell has. */
const labelsOf = ({ axes, points, repeats }: Layout, index: number): string[] =>
  axes.flatMap(({ labels, details }, axis) => {
    const value = points[index]?.[axis] ?? 0;
    return [axis === repeats || labels.length < 2 ? "" : (labels[value] ?? ""), details[value] ?? ""];
  });

/** The keys of the places that the filter leaves. */
export const shownSlots = (comparison: Comparison, outlook: Outlook, slots: readonly Slot[]): Set<string> =>
  new Set(slots.filter((slot) => isShown(comparison, outlook, slot)).map(({ key }) => key));

/** Rows and columns as the reader wants them. Only runs that have ended are sorted by: nothing moves under the reader. */
export function lookAt(comparison: Comparison, outlook: Outlook, slots: readonly Slot[], shown: ReadonlySet<string>): Arrangement {
  const { sortBy } = outlook;
  const whole = arrange(comparison.layout, slots, outlook.across);
  const figure = (index: number): number | null => {
    const cell = comparison.cells[index];
    return sortBy && cell?.run.ended ? (figuresOf(cell.run, cell.elapsed())[sortBy]?.value ?? null) : null;
  };
  const sorted = sortBy ? sort(whole, figure, outlook.isFalling) : whole;
  return isFiltered(outlook) ? filter(sorted, ({ key }) => shown.has(key)) : sorted;
}
