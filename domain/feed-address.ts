/** Stands for a password that is not shown. */
const HIDDEN = '***';

/** The address of a feed as people may see it. */
export function hidePassword(address: string): string {
  const url = new URL(address);
  if (url.password === '') return address;
  url.password = HIDDEN;
  return url.href;
}

/**
 * The address that is meant by one that may have been shown: with the password that is known, where it is hidden in it.
 * @returns undefined when it hides one that is not known
 */
export function restorePassword(address: string, known: string | undefined): string | undefined {
  if (decodeURIComponent(new URL(address).password) !== HIDDEN) return address;
  return known !== undefined && hidePassword(known) === new URL(address).href ? known : undefined;
}
