import { product } from '../../format';
import type { Document } from '../../document';
import { textAt } from '../../paths';
import { byTable, byWords, hostOf, joined, when, type Reading } from '../../readings';
import { shape } from '../../recognise';

const at = (name: string): string => `properties.${name}`;
const action = ({ fields }: Document): string => textAt(fields, at('ActionType')) ?? '';
const cameIn = (document: Document): boolean => /inbound|accepted/i.test(action(document));
const remote: Reading = [at('RemoteIP'), at('FileOriginIP')];

/** Rows of advanced hunting tables, as Defender XDR streams them to an event hub or a storage account. */
export const xdrEvent = product({
  name: 'defender_xdr_event',
  title: 'Microsoft Defender XDR streamed event (advanced hunting)',
  reference: 'https://learn.microsoft.com/en-us/defender-xdr/advanced-hunting-schema-tables',
  recognise: shape(['category', 'properties'], ({ category }) => /^AdvancedHunting-/i.test(String(category))),
  fields: {
    alert_id: at('AlertId'),
    timestamp: [at('Timestamp'), 'time'],
    severity: byWords(at('Severity')),
    title: [at('Title'), at('ActionType')],
    hostname: [at('DeviceName'), at('TargetDeviceName')],
    host_ip: at('LocalIP'),
    username: [at('AccountUpn'), at('AccountName'), at('InitiatingProcessAccountName')],
    src_ip: [at('SenderIPv4'), at('SenderIPv6'), at('IPAddress'), when(cameIn, remote)],
    dest_ip: [at('DestinationIPAddress'), when((document) => !cameIn(document), remote)],
    dest_port: [at('DestinationPort'), when((document) => !cameIn(document), at('RemotePort'))],
    dest_hostname: [at('DestinationDeviceName'), at('TargetDeviceName')],
    domain: [at('UrlDomain'), hostOf([at('RemoteUrl'), at('Url')])],
    url: [at('Url'), at('RemoteUrl'), at('FileOriginUrl')],
    file_hashes: [at('SHA256'), at('SHA1'), at('MD5')],
    file_name: at('FileName'),
    parent_process: at('InitiatingProcessFileName'),
    command_line: at('ProcessCommandLine'),
    email_from: [at('SenderFromAddress'), at('SenderMailFromAddress')],
    email_to: at('RecipientEmailAddress'),
    email_subject: [at('Subject'), at('EmailSubject')],
    clicked: at('IsClickedThrough'),
    outcome: byTable(at('ActionType'), {
      LogonSuccess: 'success',
      LogonFailed: 'failure',
      ClickAllowed: 'allowed',
      ClickBlocked: 'blocked',
    }),
    mitre: [at('AttackTechniques'), at('AdditionalFields.AttackTechniques')],
    event_class: [
      at('Category'),
      joined('/', 'category', at('ActionType')),
      joined('/', at('ServiceSource'), at('Category')),
      joined('/', at('ServiceSource'), at('EntityType')),
      joined('/', 'category', at('ThreatTypes')),
      'category',
    ],
  },
});
