/** How much is measured. */
export interface IocPlan {
  /** Entries of the large database. */
  entries: number;
  /** Entries of the one that lookups are compared with. */
  few: number;
  /** Lines that are written one by one, before the import and once more after it. */
  single: number;
  /** Lookups, one after the other, in each of the two. */
  lookups: number;
  /** Lookups that are asked for at once. */
  atOnce: number;
  /** How often, with nothing else going on. */
  rounds: number;
}

export interface IocOptions {
  plan: IocPlan;
  /** Results as JSON on standard output, instead of the table. */
  json: boolean;
}

const FULL: IocPlan = { entries: 1_000_000, few: 10_000, single: 2_000, lookups: 4_000, atOnce: 50, rounds: 80 };
const QUICK: IocPlan = { ...FULL, entries: 100_000, single: 1_000, lookups: 1_000, rounds: 30 };

const OPTIONS = ['--quick', '--json'];

/** @throws Error naming an argument that is not known */
export function parseIocOptions(args: readonly string[]): IocOptions {
  const unknown = args.find((arg) => !OPTIONS.includes(arg));
  if (unknown !== undefined) throw new Error(`unknown option ${unknown}; known are ${OPTIONS.join(', ')}`);
  return { plan: args.includes('--quick') ? QUICK : FULL, json: args.includes('--json') };
}
