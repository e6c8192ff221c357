import type { IocType } from '../indicator';

const PATHS: Readonly<Record<Exclude<IocType, 'ip'>, string>> = {
  domain: 'domain-name:value',
  url: 'url:value',
  email: 'email-addr:value',
  md5: 'file:hashes.MD5',
  sha1: "file:hashes.'SHA-1'",
  sha256: "file:hashes.'SHA-256'",
};

/** The STIX pattern that is true where the value is seen. */
export function patternOf(type: IocType, value: string): string {
  const path = type === 'ip' ? (value.includes(':') ? 'ipv6-addr:value' : 'ipv4-addr:value') : PATHS[type];
  return `[${path} = '${value.replace(/['\\]/g, '\\$&')}']`;
}
