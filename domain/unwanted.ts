/** Kinds of software that users may have wanted: engines disagree on it by nature. */
const UNWANTED: readonly string[] = ['pua', 'pup', 'adware', 'riskware', 'bundler', 'not-a-virus'];

function partsOf(label: string): string[] {
  return label.toLowerCase().split(/[^a-z0-9-]+/);
}

/** True when that is what a threat label calls a file: `pua.bundler/sample`, and not `trojan.bundler`. */
export function isUnwanted(label: string): boolean {
  return UNWANTED.includes(partsOf(label)[0] ?? '');
}

/** True when the label says so among other things. */
export function speaksOfUnwanted(label: string): boolean {
  return partsOf(label).some((part) => UNWANTED.includes(part));
}
