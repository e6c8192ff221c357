import type { Fields } from '../document';

/** How collectors of text head an event; `Message=` begins what Windows writes of it. */
const HEAD = /(?:^|\n)(LogName|SourceName|EventCode|ComputerName|RecordNumber|Keywords|TaskCategory)=([^\r\n]{0,400})/g;
const TIME = /^\s{0,20}(\d{1,2}\/\d{1,2}\/\d{4} \d{1,2}:\d{2}:\d{2}(?:\.\d{1,6})? [AP]M)/;
const LINE = /^[ \t]{0,20}([A-Za-z][\w ()-]{0,60}):[ \t]{0,40}([^\r\n]{0,4000})$/;

/** Whose account a section is about, by the beginning of the names of the event's own values. */
const SECTIONS: readonly (readonly [RegExp, string])[] = [
  [/^Subject$/i, 'Subject'],
  [/^(?:New Logon|Target (?:Account|User)|New Account|Account (?:For Which|That Was|Whose).{0,40}|User)$/i, 'Target'],
];
/** Where the words of the message are not those of the value. */
const VALUES: Readonly<Record<string, string>> = {
  'source network address': 'IpAddress',
  'client address': 'IpAddress',
  'source port': 'IpPort',
  'caller process name': 'ProcessName',
  'creator process name': 'ParentProcessName',
  'process command line': 'CommandLine',
  'authentication package': 'AuthenticationPackageName',
  'logon process': 'LogonProcessName',
};
const ACCOUNT: Readonly<Record<string, string>> = {
  'security id': 'UserSid',
  'account name': 'UserName',
  'account domain': 'DomainName',
  'logon id': 'LogonId',
};

function valuesOf(message: string): Fields {
  const values: Record<string, string> = {};
  let whose = 'Subject';
  for (const line of message.split('\n').slice(0, 300)) {
    const [, key = '', text = ''] = LINE.exec(line.trimEnd()) ?? [];
    if (key === '') continue;
    const name = key.toLowerCase();
    if (text === '') {
      whose = SECTIONS.find(([heading]) => heading.test(key))?.[1] ?? whose;
      continue;
    }
    const own = ACCOUNT[name];
    const as = own === undefined ? (VALUES[name] ?? key.replace(/[^A-Za-z0-9]/g, '')) : `${whose}${own}`;
    values[as] ??= text.trim();
  }
  return values;
}

/** An event of the Windows event log as Splunk and others write it as text: `LogName=Security` and the message. */
export function readWindowsText(text: string): Fields | undefined {
  if (!/(?:^|\n)EventCode=\d{1,5}\s/.test(text.slice(0, 2000))) return undefined;
  const at = text.search(/(?:^|\n)Message=/);
  const head = Object.fromEntries(
    [...text.slice(0, at < 0 ? 4000 : at).matchAll(HEAD)].map(([, name = '', value = '']) => [name, value.trim()]),
  );
  if (head.LogName === undefined && head.SourceName === undefined) return undefined;
  const time = TIME.exec(text)?.[1];
  const message = at < 0 ? '' : text.slice(at, at + 20_000).replace(/^\s{0,2}Message=/, '');
  return {
    ...head,
    ...(time === undefined ? {} : { TimeGenerated: time }),
    ...(message === '' ? {} : { message, EventData: valuesOf(message) }),
  };
}
