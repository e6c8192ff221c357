import { z } from 'zod';

/** An empty text is a missing one. */
const text = z
  .string()
  .max(300)
  .nullish()
  .catch(null)
  .transform((value) => (value === undefined || value === '' ? null : value));
const flag = z.boolean().nullish().catch(null);

/** ip-api.com answers 200 whether it knows or not: `status` decides. */
const answerSchema = z.discriminatedUnion('status', [
  z.object({
    status: z.literal('success'),
    query: z.string(),
    country: text,
    countryCode: text,
    city: text,
    isp: text,
    org: text,
    as: text,
    mobile: flag,
    proxy: flag,
    hosting: flag,
  }),
  z.object({ status: z.literal('fail'), query: z.string().optional(), message: z.string().max(300) }),
]);

/** Exactly what is asked for; the default set lacks the three flags. `reverse` would delay the answer. */
export const FIELDS = 'status,message,query,country,countryCode,city,isp,org,as,mobile,proxy,hosting';

export type GeoIpDocument = z.infer<typeof answerSchema>;

/** A database in which an address was looked up. */
export interface GeoIpDatabase {
  /** As the file calls itself: `GeoLite2-City`, `DBIP-Country-Lite` … */
  type: string;
  /** When it was built, RFC 3339. */
  built: string;
}

/** Where an address is and whose it is, free of any policy; null = the source did not say. Only country and AS are steady. */
export interface GeoIpFacts {
  country: string | null;
  /** ISO 3166-1 alpha-2. */
  countryCode: string | null;
  city: string | null;
  asn: number | null;
  asOrg: string | null;
  isp: string | null;
  /** A data centre. */
  hosting: boolean | null;
  /** A proxy, VPN or Tor exit. */
  proxy: boolean | null;
  mobile: boolean | null;
  /** The answer came from a simulator. */
  simulated: boolean;
  /** The databases the answer was taken from; absent when ip-api.com gave it. */
  databases?: GeoIpDatabase[];
}

export function parseAnswer(document: unknown): GeoIpDocument | undefined {
  const parsed = answerSchema.safeParse(document);
  return parsed.success ? parsed.data : undefined;
}

export function factsOf(answer: Extract<GeoIpDocument, { status: 'success' }>, simulated: boolean): GeoIpFacts {
  // "AS5769 Videotron Ltee"; empty where the block is not announced.
  const as = /^AS(\d+)(?:\s+(.+))?$/.exec(answer.as ?? '');
  return {
    country: answer.country,
    countryCode: answer.countryCode,
    city: answer.city,
    asn: as?.[1] ? Number(as[1]) : null,
    asOrg: as?.[2] ?? answer.org,
    isp: answer.isp,
    hosting: answer.hosting ?? null,
    proxy: answer.proxy ?? null,
    mobile: answer.mobile ?? null,
    simulated,
  };
}
