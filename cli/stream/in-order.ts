/**
 * Works on the items of a stream, at most `atOnce` at a time, and gives the results in the order of the items. No more
 * items are taken than are worked on.
 */
export async function* inOrder<T, R>(
  items: AsyncIterable<T>,
  atOnce: number,
  work: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  const underWay: Promise<R>[] = [];
  for await (const item of items) {
    const result = work(item);
    // it is awaited below; until its turn has come, nobody else may call it unhandled
    result.catch(() => {});
    underWay.push(result);
    if (underWay.length >= atOnce) yield await (underWay.shift() as Promise<R>);
  }
  for (const result of underWay) yield await result;
}
