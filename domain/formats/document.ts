/** Named values of a document, nested as they came. */
export type Fields = Record<string, unknown>;

/** What stands before the message of a syslog line. */
export interface SyslogHeader {
  /** As it was written: RFC 3339, `Mar 14 09:26:53` (which knows no year), or another. */
  timestamp?: string;
  host?: string;
  app?: string;
  pid?: string;
  /** What kind of message it is, in RFC 5424. */
  messageId?: string;
  /** Structured data of RFC 5424, as it stands. */
  data?: string;
}

/** One source document, taken apart as far as its syntax goes. */
export interface Document {
  syntax: 'json' | 'cef' | 'leef' | 'text';
  /** JSON members; of CEF and LEEF the header (`vendor`, `product`, …) and the extension; empty for text. */
  fields: Fields;
  /** Of a line that came by syslog. */
  syslog: SyslogHeader;
  /** The message without its syslog header; empty for what is JSON. */
  text: string;
}
