/** How much is measured. */
export interface Plan {
  /** Each is a phase of the suite and one of the floor. */
  pairs: number;
  /** Runs before anything is measured, on either side. */
  warmUp: number;
  /** Runs of a phase with one under way at a time. */
  one: number;
  /** Runs of a phase with `atOnce` under way. */
  many: number;
  atOnce: number;
  /** For the cache: so many alerts over so many addresses. */
  cache: { alerts: number; addresses: number };
}

export interface Options {
  plan: Plan;
  /** Results as JSON on standard output, instead of the table. */
  json: boolean;
}

const FULL: Plan = {
  pairs: 5,
  warmUp: 320,
  one: 25,
  many: 320,
  atOnce: 32,
  cache: { alerts: 1_000, addresses: 50 },
};
/** Too little to tell anything but that it works. */
const CHECK: Plan = { pairs: 1, warmUp: 4, one: 2, many: 8, atOnce: 4, cache: { alerts: 12, addresses: 3 } };
const QUICK: Plan = { pairs: 2, warmUp: 96, one: 10, many: 128, atOnce: 32, cache: { alerts: 200, addresses: 10 } };

const OPTIONS = ['--quick', '--check', '--json'];

/** @throws Error naming an argument that is not known */
export function parseOptions(args: readonly string[]): Options {
  const unknown = args.find((arg) => !OPTIONS.includes(arg));
  if (unknown !== undefined) throw new Error(`unknown option ${unknown}; known are ${OPTIONS.join(', ')}`);
  const plan = args.includes('--check') ? CHECK : args.includes('--quick') ? QUICK : FULL;
  return { plan, json: args.includes('--json') };
}
