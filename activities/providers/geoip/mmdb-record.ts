import { z } from 'zod';
import type { GeoIpFacts } from './schema';

/** An empty text is a missing one. */
const text = z
  .string()
  .max(300)
  .nullish()
  .catch(null)
  .transform((value) => (value === undefined || value === '' ? null : value));
const flag = z.boolean().nullish().catch(null);
const place = z
  .object({ iso_code: text, names: z.object({ en: text }).nullish().catch(null) })
  .nullish()
  .catch(null);

/**
 * What records of the usual databases have in common: City and Country files name places, ASN files have two flat fields,
 * and the paid ones tell network and kind of an address beside that or in `traits`.
 */
const recordSchema = z.object({
  country: place,
  city: place,
  autonomous_system_number: z.number().int().min(0).nullish().catch(null),
  autonomous_system_organization: text,
  isp: text,
  organization: text,
  connection_type: text,
  is_hosting_provider: flag,
  is_anonymous: flag,
  is_anonymous_proxy: flag,
  is_anonymous_vpn: flag,
  is_public_proxy: flag,
  is_tor_exit_node: flag,
});
const traitsSchema = z.looseObject({ traits: z.looseObject({}).nullish().catch(null) });

/** Facts of one database; null = it does not say. */
export type Found = Omit<GeoIpFacts, 'simulated' | 'databases'>;

/** Undefined when that is no record. */
export function foundIn(document: unknown): Found | undefined {
  const outer = traitsSchema.safeParse(document);
  const parsed = outer.success ? recordSchema.safeParse({ ...outer.data, ...outer.data.traits }) : undefined;
  if (!parsed?.success) return undefined;
  const record = parsed.data;
  return {
    country: record.country?.names?.en ?? null,
    countryCode: record.country?.iso_code ?? null,
    city: record.city?.names?.en ?? null,
    asn: record.autonomous_system_number ?? null,
    asOrg: record.autonomous_system_organization ?? record.organization,
    isp: record.isp,
    hosting: record.is_hosting_provider ?? null,
    proxy: anyOf([
      record.is_anonymous,
      record.is_anonymous_proxy,
      record.is_anonymous_vpn,
      record.is_public_proxy,
      record.is_tor_exit_node,
    ]),
    mobile: record.connection_type === null ? null : record.connection_type === 'Cellular',
  };
}

function anyOf(flags: readonly (boolean | null | undefined)[]): boolean | null {
  if (flags.includes(true)) return true;
  return flags.includes(false) ? false : null;
}
