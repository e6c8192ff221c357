/**
 * Ways in which reports make an indicator harmless, and what stands for it. Every pattern starts with a literal and has
 * no unbounded repetition, so that a megabyte of brackets is read in linear time.
 */
const DEFANGED: readonly (readonly [RegExp, string])[] = [
  [/\bh(?:xx|XX|\*\*|tt)p(s?)(?=[[(:{<])/gi, 'http$1'],
  [/\bfxp(s?)(?=[[(:{<])/gi, 'ftp$1'],
  [/[[({<]:\/\/[\])}>]/g, '://'],
  [/[[({<]:[\])}>]\/\//g, '://'],
  [/[[({<][:][\])}>]/g, ':'],
  [/[[({<]\/[\])}>]/g, '/'],
  [/ ?[[({<] ?(?:\.|dot|punto|punkt) ?[\])}>] ?/gi, '.'],
  [/\[\.(?=[a-z0-9])/gi, '.'],
  [/(?<=[a-z0-9])\.\]/gi, '.'],
  [/\\\.(?=[a-z0-9])/gi, '.'],
  [/ ?[[({<] ?(?:@|at|arroba) ?[\])}>] ?/gi, '@'],
  [/\[(www)\]\./gi, '$1.'],
  [/:\\\/\\\//g, '://'],
  [/\\\//g, '/'],
  [/[\u3002\uff0e\uff61]/g, '.'],
];

/** `hxxps[:]//evil[.]example` → `https://evil.example`; text that is not defanged comes back as it is. */
export function refang(text: string): string {
  return DEFANGED.reduce((result, [pattern, plain]) => result.replace(pattern, plain), text);
}
