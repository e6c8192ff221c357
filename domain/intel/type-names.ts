import type { IocType } from './indicator';

/**
 * What the types are called out in the world, in lower case, with `_` for every other sign between words. Of things that
 * cannot be looked up, those that could be taken for something else: fingerprints, hashes of other kinds, references.
 */
const NAMES: Readonly<Record<IocType | 'unsupported', string>> = {
  ip: `ip ips ipv4 ipv6 ip4 ip6 ipv4_addr ipv6_addr ipv4addr ipv6addr ip_address ip_addresses ip_addr ipaddr ipaddress
    ipv4_address ipv6_address ip_src ip_dst ip_port ipv4_port ipv6_port ip_dst_port ip_src_port socket ip_range
    ip_cidr cidr netblock network subnet address addr src_ip dst_ip source_ip dest_ip destination_ip remote_ip c2_ip
    host_ip networkip attacker_ip malicious_ip ipv4_net ipv6_net cidr_ipv4 cidr_ipv6 ip_v4 ip_v6 ip_network net_ip ip_c2`,
  domain: `domain domains domain_name domainname fqdn hostname hostnames host hosts host_name dns dns_name domain_port
    hostname_port c2_domain malicious_domain phishing_domain subdomain sub_domain domain_c2 internet_domain_name fully_qualified_domain_name`,
  url: `url urls uri uris link_url http_url full_url malware_url phishing_url phish_url malicious_url payload_url c2_url url_full url_path_full
    http https`,
  md5: 'md5 md5s md5_hash hash_md5 filehash_md5 file_hash_md5 file_md5 filemd5 md5hash malware_md5 md5_digest',
  sha1: 'sha1 sha_1 sha1s sha1_hash hash_sha1 sha_1_hash hash_sha_1 filehash_sha1 file_hash_sha1 file_sha1 filesha1 sha1hash sha1_digest',
  sha256: `sha256 sha_256 sha256s sha256_hash hash_sha256 sha_256_hash hash_sha_256 filehash_sha256 file_hash_sha256 file_sha256 filesha256
    sha256hash sha2 sha2_256 sha256_digest`,
  email: `email emails e_mail email_addr email_address mail mail_address email_src email_dst email_reply_to emailaddress
    email_sender sender sender_email from_email account email_envelope_from reply_to smtp_mail_from`,
  unsupported: `sha224 sha384 sha512 sha_224 sha_384 sha_512 sha512_224 sha512_256 sha3_224 sha3_256 sha3_384 sha3_512
    sha512_hash sha384_hash sha3_384_hash filehash_sha512 imphash filehash_imphash filehash_pehash pehash impfuzzy
    authentihash ssdeep tlsh telfhash vhash gimphash dhash icon_dhash cdhash ja3 ja3s ja4 ja3_md5 ja3_hash ja3_fingerprint_md5 jarm
    jarm_fingerprint hassh_md5 hasshserver_md5 x509_fingerprint_md5 x509_fingerprint_sha1 x509_fingerprint_sha256
    x509 x509_certificate certificate cert ssl_cert ssl_certificate sslcert_sha1 sslcertfingerprint tls_fingerprint
    certificate_sha1 certificate_fingerprint thumbprint filename file_name file_names file file_path filepath
    file_path_name file_paths path path_name folder directory directory_path process process_name command command_line
    commandline cmdline user_agent useragent http_user_agent http_method uri_path url_path uri_pattern query_string
    regkey regkey_value registry registry_key registry_path_key registry_path registry_value reg_key windows_registry_key
    mutex mutant named_pipe pipe service service_name windows_service_name windows_service_displayname scheduled_task
    windows_scheduled_task yara yara_rule sigma snort suricata nids pattern_in_file pattern_in_traffic
    pattern_in_memory pdb vulnerability cve cpe weakness malware malware_type malware_family malware_sample_name tool
    campaign campaign_name campaign_id threat_actor attack_pattern mitre mitre_attack technique ttp as asn
    autonomous_system mac mac_addr mac_address mac_eui_64 port port_number src_port dst_port btc bitcoin xmr dash
    wallet cryptocurrency_wallet cryptocurrency iban bic bank_account_nr cc_number phone_number prtn country geo
    counter hex text comment other note description title link reference report url_reference external_reference
    attachment datetime date float boolean size_in_bytes mime_type filetype target_user target_email target_machine
    target_org target_location target_external user username user_account user_name login whois_registrant_email
    whois_registrant_phone whois_registrant_name whois_registrant_org whois_registrar whois_creation_date
    dns_soa_email email_subject email_body email_header email_attachment email_mime_boundary email_message_id
    email_message email_x_mailer email_thread_index email_dst_display_name email_src_display_name
    github_username github_repository github_organisation twitter_id jabber_id chrome_extension_id
    stix2_pattern cookie http_header bro zeek favicon_mmh3 browser_extension package software git_commit_id social_media_account telegram discord key pgp_public_key pgp_private_key kusto_query sid
    passport_number identity_card_number first_name last_name full_name`,
};

const TYPES: ReadonlyMap<string, IocType | 'unsupported'> = new Map(
  (Object.keys(NAMES) as (keyof typeof NAMES)[]).flatMap((type) =>
    NAMES[type].split(/\s+/).map((name) => [name, type] as const),
  ),
);

/**
 * The type that a word out there stands for (`ipv4-addr`, `ip-dst`, `FileHash-SHA256`); `unsupported` for a thing that
 * cannot be looked up; undefined for a word that nobody here knows.
 */
export function typeNamed(word: string): IocType | 'unsupported' | undefined {
  const bare = word
    .trim()
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_|_$/g, '');
  return TYPES.get(bare);
}

/** A value and the word for its type, which may be several of each: `domain|ip`, `filename|sha256`, `malware-sample`. */
export interface TypedText {
  word: string;
  text: string;
}

/** The parts of a value that names several things between bars, as MISP writes them; any other is one part. */
export function typedParts(word: string, text: string): TypedText[] {
  const words = word === 'malware-sample' ? ['filename', 'md5'] : word.split('|');
  if (words.length === 1) return [{ word, text }];
  // the hash stands last, and a file may have bars in its name
  const cut = words.length === 2 ? text.lastIndexOf('|') : -1;
  const texts = cut < 0 ? text.split('|') : [text.slice(0, cut), text.slice(cut + 1)];
  return words.map((each, index) => ({ word: each, text: texts[index] ?? '' })).filter((part) => part.text !== '');
}
