import { product } from '../../format';
import { turned } from '../../readings';
import { leef } from '../../recognise';
import { CEF_FIELDS, cefOf } from '../../standards/cef';
import { LEEF_FIELDS } from '../../standards/leef';

export const kasperskyCef = product({
  name: 'kaspersky_cef',
  title: 'Kaspersky Security Center (CEF)',
  reference: 'https://support.kaspersky.com/ksc/14.2/en-US/151336.htm',
  recognise: cefOf(/^Kaspersky/i),
  fields: {
    ...CEF_FIELDS,
    alert_id: [],
    // it numbers its levels 1 to 4 in the header: information, warning, error, critical
    severity: turned('cefSeverity', (value) => {
      const number = Number(value);
      return number > 4
        ? (['medium', 'medium', 'high', 'high', 'critical', 'critical'] as const)[number - 5]
        : (['low', 'low', 'medium', 'high', 'critical'] as const)[number];
    }),
    title: ['name', 'ThreatName', 'VirusName'],
    rule_name: ['VirusName', 'cs1', 'name'],
    hostname: ['dhost', 'dvchost', 'shost'],
    host_ip: ['dst', 'dvc'],
    dest_hostname: [],
    src_ip: 'src',
    dest_ip: [],
  },
});

export const kasperskyLeef = product({
  name: 'kaspersky_leef',
  title: 'Kaspersky Security Center (LEEF)',
  reference: 'https://support.kaspersky.com/ksc/14.2/en-US/151336.htm',
  recognise: leef(/^Kaspersky/i),
  fields: LEEF_FIELDS,
});

export const malwarebytesCef = product({
  name: 'malwarebytes_cef',
  title: 'Malwarebytes / ThreatDown (CEF)',
  reference: 'https://support.threatdown.com/hc/en-us/articles/4413802484243',
  recognise: cefOf(/^Malwarebytes|^ThreatDown/i),
  fields: {
    ...CEF_FIELDS,
    alert_id: [],
    title: 'name',
    hostname: ['dvchost', 'dhost', 'shost'],
    host_ip: ['dvc', 'deviceAddress'],
    rule_name: ['Threat name', 'ThreatName', 'Detection name', 'name'],
    event_class: ['name', 'cat', 'signature'],
  },
});
