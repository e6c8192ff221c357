import type { FieldMap } from '../../map-fields';
import { isObject } from '../../../is-object';
import { itemsAt } from '../../paths';
import { hostOf, inList, turned, type Reading } from '../../readings';

type Item = Record<string, unknown>;

/** Where the type of an entity is told: Defender, Sentinel, Defender for Cloud, Graph, and Graph as some shippers store it. */
const KIND_KEYS = ['entityType', 'kind', 'Type', 'type', '@odata.type', 'at_sign_odata_type', 'odata_type'];

/** `#microsoft.graph.security.ipEvidence`, `Ip` and `ip` are one kind. */
function kindOf(item: Item): string {
  const name = KIND_KEYS.map((key) => item[key]).find((value) => typeof value === 'string') ?? '';
  return String(name)
    .toLowerCase()
    .replace(/^#?microsoft\.graph\.(?:security\.)?/, '')
    .replace(/evidence$/, '');
}

const is =
  (...kinds: string[]) =>
  (item: Item): boolean =>
    kinds.includes(kindOf(item));

const hasRole = (item: Item, role: RegExp): boolean =>
  [item.roles, item.detailedRoles].flat().some((one) => typeof one === 'string' && role.test(one));

const isAccount = is('user', 'account');
const isHost = is('host', 'machine', 'device', 'azure-virtual-machine');
const isProcess = is('process');
const isMail = is('mailmessage', 'analyzedmessage');
/** A file that was only named on a command line is not what was found. */
const isFile = (item: Item): boolean => is('file', 'filehash')(item) && !hasRole(item, /command line/i);

/** What entities of a list, or of several, say of the canonical fields. */
export interface EntityReadings {
  ip: Reading;
  hostname: Reading;
  host_ip: Reading;
  account: Reading;
  /** Of the account that ran a process: whose it is when no other is named. */
  process_account: Reading;
  url: Reading;
  domain: Reading;
  file_hashes: Reading;
  file_name: Reading;
  process: Reading;
  parent_process: Reading;
  command_line: Reading;
  email_from: Reading;
  email_to: Reading;
  email_subject: Reading;
  sender_ip: Reading;
  mailbox: Reading;
}

const HASHES = ['sha256', 'sha1', 'md5'];
const under = (name: string): string[] => HASHES.map((hash) => `${name}.${hash}`);

const FILE_HASHES = [
  ...HASHES,
  ...under('fileDetails'),
  ...['FileHashes.Value', 'Value', 'properties.hashValue', 'hashValue'],
];
const PROCESS_HASHES = [...HASHES, ...under('imageFile'), 'ImageFile.FileHashes.Value'];
const HOST = ['deviceDnsName', 'HostName', 'properties.hostName', 'NetBiosName', 'hostName', 'deviceName'];
const UPN = ['userPrincipalName', 'userAccount.userPrincipalName', 'properties.userPrincipalName', 'accountUpn', 'em'];
const ACCOUNT = ['accountName', 'userAccount.accountName', 'properties.accountName', 'properties.friendlyName', 'Name'];

/** `alice` and `contoso.example` stand apart in Sentinel; a sign-in name is what both make. */
function signInName(item: Item): string | undefined {
  const { properties } = item;
  const of = (from: Item): string | undefined => {
    const [name, suffix] = [from.Name ?? from.name ?? from.accountName, from.UPNSuffix ?? from.upnSuffix];
    if (typeof name !== 'string' || typeof suffix !== 'string' || name === '' || suffix === '') return undefined;
    return name.includes('@') ? name : `${name}@${suffix}`;
  };
  return of(item) ?? (isObject(properties) ? of(properties) : undefined);
}

const signInNames =
  (list: string): Reading =>
  ({ fields }) =>
    itemsAt(fields, list).flatMap(({ value, pointer }) => {
      const name = isObject(value) && isAccount(value) ? signInName(value) : undefined;
      return name === undefined ? [] : [{ value: name, pointer }];
    });

/** What every host has of itself tells nothing of where it is. */
const OWN_ONLY = /^(?:127\.|169\.254\.|::1$|fe80:)/i;

/** Addresses others can have, too: not the loopback, nor link-local ones. */
export const beyondHost = (ip: Reading): Reading =>
  turned(ip, (value) => (typeof value === 'string' && !OWN_ONLY.test(value) ? value : undefined));

/** Reads Microsoft's entities and evidence, whichever of its products wrote them, from the lists at these paths. */
export function entitiesIn(...lists: string[]): EntityReadings {
  const all = (fits: (item: Item) => boolean, ...members: string[]): Reading =>
    lists.map((list) => members.map((member) => inList(list, fits, member)));
  const urls = [all(is('url'), 'url', 'properties.url'), all(isMail, 'Urls', 'urls', 'properties.urls')];
  return {
    ip: all(is('ip'), 'ipAddress', 'Address', 'properties.address', 'id'),
    hostname: [
      all((item) => isHost(item) && hasRole(item, /^(?:primary ?device|main device|compromised|attacked)$/i), ...HOST),
      all(isHost, ...HOST),
    ],
    host_ip: beyondHost(all(isHost, 'ipInterfaces', 'lastIpAddress')),
    account: [all(isAccount, ...UPN), lists.map(signInNames), all(isAccount, ...ACCOUNT)],
    process_account: all(isProcess, ...UPN, ...ACCOUNT.slice(0, 2)),
    url: urls,
    domain: [all(is('dns', 'dnsresolution', 'domain'), 'DomainName', 'properties.domainName'), hostOf(urls)],
    file_hashes: [all(isFile, ...FILE_HASHES), all(isProcess, ...PROCESS_HASHES)],
    file_name: [
      all(isFile, 'fileName', 'fileDetails.fileName', 'properties.fileName', 'Name'),
      all(isProcess, 'fileName', 'imageFile.fileName', 'ImageFile.Name'),
    ],
    process: all(isProcess, 'fileName', 'imageFile.fileName', 'ImageFile.Name'),
    parent_process: all(
      isProcess,
      'parentProcessFileName',
      'parentProcessImageFile.fileName',
      'ParentProcess.ImageFile.Name',
    ),
    command_line: all(isProcess, 'processCommandLine', 'CommandLine', 'properties.commandLine'),
    email_from: all(
      isMail,
      'P2Sender',
      'p2Sender.emailAddress',
      'properties.p2Sender',
      'Sender',
      'properties.sender',
      'p1Sender.emailAddress',
    ),
    email_to: all(isMail, 'Recipient', 'recipientEmailAddress', 'properties.recipient'),
    email_subject: all(isMail, 'Subject', 'properties.subject'),
    sender_ip: all(isMail, 'SenderIP', 'senderIp', 'properties.senderIP'),
    mailbox: all(
      is('mailbox'),
      'userPrincipalName',
      'Upn',
      'primaryAddress',
      'mailboxAddress',
      'MailboxPrimaryAddress',
      'properties.mailboxPrimaryAddress',
    ),
  };
}

/** What stands in an alert as its entities have it, whoever is accused. */
export function whatElseIsNamed(found: EntityReadings): FieldMap {
  const { domain, url, file_hashes, file_name, process, parent_process, command_line } = found;
  const { email_from, email_to, email_subject } = found;
  return {
    ...{ domain, url, urls: url, file_hashes, file_name, process, parent_process, command_line },
    ...{ email_from, email_to, email_subject },
  };
}
