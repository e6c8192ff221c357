import type { Route } from '../define-route';
import { formats } from './formats';
import { getIncident } from './get-incident';
import { health, readiness } from './health';
import { lookupIoc, lookupIocs } from './ioc-lookup';
import { confirmIoc } from './incident-iocs';
import { exportIocs } from './ioc-export';
import { getImport, importIocs, listImportProblems, listImports, listIntelFormats } from './ioc-imports';
import { getSource, listSources, pollSource, putSource, removeSource } from './ioc-sources';
import { addIoc, getIoc, judgeIoc, listIocs, removeIoc, removeIocsOfSource, removeSighting } from './iocs';
import { listIncidents } from './list-incidents';
import { listAlerts } from './list-alerts';
import { mergeIncident } from './merge-incident';
import { patchIncident } from './patch-incident';
import { providers } from './providers';
import { readAudit } from './read-audit';
import { referenceRoutes } from './reference';
import { report, reportHtml, reportJson, reportMarkdown } from './report';
import { listReports, publishReportSchema } from './reports';
import { applyRescore, getRescore, startRescore } from './rescores';
import { retryIncident } from './retry-incident';
import { splitIncident } from './split-incident';
import { stats } from './stats';
import { submitAlert } from './submit-alert';
import { submitBatch } from './submit-batch';
import { createSuppression, getSuppression, listSuppressions, removeSuppression } from './suppressions';

/** Every call of the API. A new one is a file of its own and one line here. */
export const ROUTES: readonly Route[] = [
  submitAlert,
  submitBatch,
  listIncidents,
  getIncident,
  listAlerts,
  patchIncident,
  retryIncident,
  mergeIncident,
  splitIncident,
  confirmIoc,
  report,
  reportHtml,
  reportJson,
  createSuppression,
  listSuppressions,
  getSuppression,
  removeSuppression,
  reportMarkdown,
  listReports,
  publishReportSchema,
  startRescore,
  getRescore,
  applyRescore,
  lookupIoc,
  lookupIocs,
  listIocs,
  addIoc,
  removeIocsOfSource,
  exportIocs,
  importIocs,
  listIntelFormats,
  listImports,
  getImport,
  listImportProblems,
  getIoc,
  judgeIoc,
  removeIoc,
  removeSighting,
  listSources,
  getSource,
  putSource,
  removeSource,
  pollSource,
  formats,
  providers,
  stats,
  readAudit,
  health,
  readiness,
  ...referenceRoutes(() => ROUTES),
];
