/** Items of one statement: few enough that the server reads a list of them by index, whatever its own limits are. */
const MOST_ITEMS = 500;
/** Characters of one statement; a quarter of the smallest packet that servers take by default. */
const MOST_CHARACTERS = 1_000_000;

/**
 * A list in pieces that each fit into one statement.
 * @param weigh characters that an item takes; default: so few that only the number of items counts
 */
export function inPieces<T>(items: readonly T[], weigh: (item: T) => number = () => 1): T[][] {
  const pieces: T[][] = [];
  let piece: T[] = [];
  let weight = 0;
  for (const item of items) {
    const more = weigh(item);
    if (piece.length === MOST_ITEMS || (piece.length > 0 && weight + more > MOST_CHARACTERS)) {
      pieces.push(piece);
      [piece, weight] = [[], 0];
    }
    piece.push(item);
    weight += more;
  }
  return piece.length > 0 ? [...pieces, piece] : pieces;
}
