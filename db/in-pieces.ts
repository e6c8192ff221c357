/** Items of a list that is asked for: few enough that the server reads it by index, whatever its own limits are. */
const MOST_ITEMS = 500;
/** Characters of one statement; a quarter of the smallest packet that servers take by default. */
const MOST_CHARACTERS = 1_000_000;

/**
 * A list in pieces that each fit into one statement.
 * @param weigh characters that an item takes, where they are rows to be written; default: only their number counts
 */
export function inPieces<T>(items: readonly T[], weigh?: (item: T) => number): T[][] {
  const pieces: T[][] = [];
  let piece: T[] = [];
  let weight = 0;
  for (const item of items) {
    const more = weigh?.(item) ?? MOST_CHARACTERS / MOST_ITEMS;
    if (piece.length > 0 && weight + more > MOST_CHARACTERS) {
      pieces.push(piece);
      [piece, weight] = [[], 0];
    }
    piece.push(item);
    weight += more;
  }
  return piece.length > 0 ? [...pieces, piece] : pieces;
}
