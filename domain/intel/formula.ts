/**
 * What a spreadsheet takes for a formula and runs: signs at the beginning of a cell, also in the wide form of East Asian
 * keyboards, and behind marks that were put before them here.
 */
const FORMULA = /^'*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/;

/** A cell that a spreadsheet shows and does not run: with `'` before whatever it would take for a formula. */
export function guardedCell(text: string): string {
  return FORMULA.test(text) ? `'${text}` : text;
}

/** The text that {@link guardedCell} was given. */
export function unguardedCell(cell: string): string {
  return cell.startsWith("'") && FORMULA.test(cell) ? cell.slice(1) : cell;
}
