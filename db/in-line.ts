interface Waiting<Item, Result> {
  item: Item;
  resolve: (result: Result) => void;
  reject: (error: unknown) => void;
}

export interface InLine<Item, Result> {
  /** Does the work on items of one key; one result each, in their order. */
  work: (key: string, items: Item[]) => Promise<Result[]>;
  /** Most items at a time. */
  most: number;
  /** What an item weighs, and how much may go together; one item always may. */
  weigh: (item: Item) => number;
  mostWeight: number;
  /** True for an error that would meet each item alone as well. */
  concernsAll: (error: unknown) => boolean;
}

/**
 * Has items of one key worked on one after another, and those that come meanwhile all together, next: where they would
 * only wait for each other's lock, they cost one transaction. Items of different keys do not wait for each other. When
 * several fail together, each is tried alone, so that one that cannot be done fails no other.
 */
export function inLine<Item, Result>(options: InLine<Item, Result>): (key: string, item: Item) => Promise<Result> {
  const lines = new Map<string, Waiting<Item, Result>[]>();

  function next(line: Waiting<Item, Result>[]): Waiting<Item, Result>[] {
    let weight = 0;
    const end = line.findIndex(({ item }, index) => {
      weight += options.weigh(item);
      return index === options.most || (index > 0 && weight > options.mostWeight);
    });
    return line.splice(0, end === -1 ? line.length : end);
  }

  async function workOn(key: string, batch: Waiting<Item, Result>[]): Promise<void> {
    try {
      const results = await options.work(
        key,
        batch.map(({ item }) => item),
      );
      batch.forEach(({ resolve }, index) => resolve(results[index] as Result));
    } catch (error) {
      if (batch.length === 1 || options.concernsAll(error)) {
        batch.forEach(({ reject }) => reject(error));
        return;
      }
      for (const one of batch) await workOn(key, [one]);
    }
  }

  async function run(key: string, line: Waiting<Item, Result>[]): Promise<void> {
    while (line.length > 0) await workOn(key, next(line));
    lines.delete(key);
  }

  return (key, item) =>
    new Promise((resolve, reject) => {
      const line = lines.get(key);
      if (line) {
        line.push({ item, resolve, reject });
        return;
      }
      const first = [{ item, resolve, reject }];
      lines.set(key, first);
      void run(key, first);
    });
}
