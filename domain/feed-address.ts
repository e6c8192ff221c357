/** Stands for a password that is not shown. */
const HIDDEN = '***';
/** Also as some write it who encode what they send back; another password may be no encoding at all. */
const SHOWN_HIDDEN = /^(?:\*|%2a){3}$/i;

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
  if (!SHOWN_HIDDEN.test(new URL(address).password)) return address;
  return known !== undefined && hidePassword(known) === hidePassword(address) ? known : undefined;
}
