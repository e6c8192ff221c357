import type { Fields } from '../document';

const LONGEST = 200_000;

/** The cells of one line of comma-separated values; quotes are doubled inside quotes. Linear time. */
export function readCells(line: string): string[] {
  const cells: string[] = [];
  let cell = '';
  let quoted = false;
  const text = line.slice(0, LONGEST);
  for (let at = 0; at < text.length; at++) {
    const char = text[at] ?? '';
    if (char === '"' && quoted && text[at + 1] === '"') {
      cell += char;
      at++;
    } else if (char === '"') quoted = !quoted;
    else if (char === ',' && !quoted) {
      cells.push(cell.trim());
      cell = '';
    } else cell += char;
  }
  return [...cells, cell.trim()];
}

/** The cells by the names of their columns; a column without a name is left out. */
export function readColumns(line: string, columns: readonly (string | null)[]): Fields {
  const cells = readCells(line);
  return Object.fromEntries(
    columns.flatMap((name, nth) => (name === null || cells[nth] === undefined ? [] : [[name, cells[nth]]])),
  );
}
