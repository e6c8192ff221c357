/** ` on x from y`: who did what to whom, as far as an alert says so. */
export function phrase(parts: Record<string, string | undefined>): string {
  return Object.entries(parts)
    .map(([word, value]) => (value === undefined ? '' : ` ${word} ${value}`))
    .join('');
}
