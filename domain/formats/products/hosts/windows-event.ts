import { product } from '../../format';
import { has } from '../../paths';
import { shape } from '../../recognise';
import { isWindowsEvent } from '../../windows/event';
import { WINDOWS_FIELDS } from '../../windows/fields';

/** Events that stand in an alert of another product are that product's. */
const isOfAnAlert = (fields: Record<string, unknown>): boolean =>
  ['kibana.alert', 'signal.rule', 'data.win', 'document.data.Event', 'rule.level', 'wazuh'].some((path) =>
    has(fields, path),
  );

export const windowsEvent = product({
  name: 'windows_event',
  title: 'Windows event log (Security, Sysmon, PowerShell, Defender), as XML, text, or JSON of any collector',
  reference: 'https://learn.microsoft.com/en-us/windows/win32/wes/eventschema-systempropertiestype-complextype',
  recognise: shape([], (fields) => isWindowsEvent(fields) && !isOfAnAlert(fields)),
  fields: WINDOWS_FIELDS,
});
