import type { Format } from '../../format';
import { alertmanager } from './alertmanager';
import { elastAlert } from './elastalert';
import { elasticSecurity } from './elastic-security';
import { qradar } from './qradar';
import { splunk } from './splunk';

/** What correlates the events of others. */
export const SIEM: readonly Format[] = [elasticSecurity, elastAlert, splunk, qradar, alertmanager];
