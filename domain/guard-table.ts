import type { GuardKind } from './guard-list';

/** What the project makes of a MISP warning list. */
export interface ListJudgement {
  kind: GuardKind;
  group?: string;
  /** Completes "104.16.132.229 is …". */
  says: string;
  /** Single machines of anybody, in networks of all kinds: that a range holds one says nothing of the range. */
  scattered?: true;
}

/** Group of the lists of research scanners, by which playbooks know one. */
export const KNOWN_SCANNERS = 'known-scanners';
/** Group of the lists of hosts that hold many people's files and pages: no name on or below one is evidence of clean. */
export const SHARED_HOSTS = 'shared-hosts';

const cdn = (who: string): ListJudgement => ({
  kind: 'shared',
  group: 'cdn',
  says: `an address of ${who}, a content delivery network shared by many sites`,
});
const cloud = (who: string): ListJudgement => ({
  kind: 'shared',
  group: 'cloud',
  says: `an address of ${who}, where anybody rents machines`,
});
const mail = (who: string): ListJudgement => ({
  kind: 'shared',
  group: 'mail',
  says: `in the ranges from which ${who} sends the mail of many`,
});
const service = (says: string): ListJudgement => ({ kind: 'shared', group: 'services', says });
const OPEN_RESOLVERS: ListJudgement = {
  ...service('an open DNS resolver, which may be any machine'),
  scattered: true,
};
/** Who scans everybody from ranges of its own, and says so. */
const scanner = (who: string): ListJudgement => ({
  kind: 'benign',
  group: KNOWN_SCANNERS,
  says: `a research scanner that scans everybody (${who})`,
});
/** Seen to scan from rented machines, or at an unknown date: today it may be somebody else. */
const seenScanning = (who: string): ListJudgement => ({
  kind: 'marks',
  group: KNOWN_SCANNERS,
  says: `on a list of scanners (${who})`,
});
const hash = (says: string): ListJudgement => ({ kind: 'benign', group: 'files', says });

/**
 * The MISP warning lists that are used, and what each means for a verdict. Evidence of clean only what names one owner
 * or one file; what many people share only caps.
 */
export const GUARD_TABLE: Readonly<Record<string, ListJudgement>> = {
  tranco10k: { kind: 'benign', group: 'top-domains', says: 'one of the 10,000 most visited domains' },

  'empty-hashes': hash('the hash of an empty file'),
  'eicar.com': hash('the hash of the EICAR test file'),
  'common-ioc-false-positive': hash('the hash of a file that is everywhere and harmless'),

  'alphastrike-research-nt-scanning': scanner('Alpha Strike Labs'),
  'alphastrike-scanning': scanner('Alpha Strike Labs'),
  'censys-scanning': scanner('Censys'),
  'internet-census-nt-scanning': scanner('Internet Census'),
  'modat-scanner': scanner('Modat'),
  'onyphe-scanner': scanner('Onyphe'),
  'rapid7-nt-scanning': scanner('Rapid7'),
  'shadowserver-nt-scanning': scanner('Shadowserver'),
  'shodan-nt-scanning': scanner('Shodan'),

  'bufferover-nt-scanning': seenScanning('Bufferover'),
  'coalition-signals-intelligence-nt-scanning': seenScanning('Coalition'),
  'cybergreen-nt-scanning': seenScanning('CyberGreen'),
  'cyberresilience-nt-scanning': seenScanning('Cyberresilience'),
  'cypex-nt-scanning': seenScanning('Cypex'),
  'f6-nt-scanning': seenScanning('F6'),
  'intrinsec-nt-scanning': seenScanning('Intrinsec'),
  'ipinfo-nt-scanning': seenScanning('IPinfo'),
  'ipip-nt-scanning': seenScanning('IPIP'),
  'modat-nt-scanning': seenScanning('Modat'),
  'netsecscan-nt-scanning': seenScanning('NetSecScan'),
  'netsecscan-scanning': seenScanning('NetSecScan'),
  'onyphe-nt-scanning': seenScanning('Onyphe'),
  'probethenet-nt-scanning': seenScanning('ProbeTheNet'),
  'research-scanner-nt-scanning': seenScanning('Research Scanner'),
  'shadowforce-nt-scanning': seenScanning('ShadowForce'),
  'shadowforce-scanning': seenScanning('ShadowForce'),
  shadowserver: seenScanning('Shadowserver'),
  'shodan-scanning': seenScanning('Shodan'),
  'skipa-nt-scanning': seenScanning('Skipa'),

  akamai: cdn('Akamai'),
  cloudflare: cdn('Cloudflare'),
  fastly: cdn('Fastly'),
  stackpath: cdn('StackPath'),

  'amazon-aws': cloud('Amazon AWS'),
  'google-gcp': cloud('Google Cloud'),
  'microsoft-azure': cloud('Microsoft Azure'),
  'ovh-cluster': cloud('OVH'),

  'google-gmail-sending-ips': mail('Gmail'),
  'smtp-sending-ips': mail('a mail service'),
  'microsoft-office365-ip': mail('Microsoft 365'),

  'automated-malware-analysis': service('a name of a malware analysis service'),
  'captive-portals': service('a name by which devices find out whether they are online'),
  'crl-hostname': service('a name from which certificate revocations are fetched'),
  google: service('a name of Google'),
  googlebot: service('an address of the Google crawler'),
  'microsoft-office365': service('a name of Microsoft 365'),
  'public-dns-v4': OPEN_RESOLVERS,
  'public-dns-v6': OPEN_RESOLVERS,
  'security-provider-blogpost': service('a name under which security vendors publish'),
  'whats-my-ip': service('a service that tells callers their own address'),
  zscaler: service('an address of Zscaler, a proxy of many companies'),

  'lots-project': { kind: 'shared', group: SHARED_HOSTS, says: 'a host of files and pages of many people' },
  'public-ipfs-gateways': { kind: 'shared', group: SHARED_HOSTS, says: 'a gateway to files of anybody (IPFS)' },

  'dynamic-dns': { kind: 'lifts', says: 'a dynamic DNS domain, where anybody takes a name' },
  'link-in-bio': { kind: 'lifts', says: 'a page of links, which lead anywhere' },
  'url-shortener': { kind: 'lifts', says: 'a URL shortener, whose links lead anywhere' },

  'disposable-email': { kind: 'marks', says: 'a domain of throw-away mail addresses' },
  sinkholes: { kind: 'marks', says: 'a sinkhole, to which infected machines are led' },
};
