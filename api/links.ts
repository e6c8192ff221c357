import type { AlertClass } from '../domain/alert';
import type { ApiDeps } from './deps';

/** Root of the versioned calls. */
export const API = '/api/v1';

export type LinkBase = Pick<ApiDeps, 'publicUrl' | 'temporal'>;

/** Where an incident and what belongs to it is found. `workflow` only where there is a run to see. */
export interface IncidentLinks {
  self: string;
  report: string;
  report_html: string;
  report_json: string;
  report_md: string;
  /** All versions of it. */
  reports: string;
  workflow?: string;
}

export function incidentLinks(id: string, alertType: AlertClass, base: LinkBase): IncidentLinks {
  const self = `${base.publicUrl}${API}/incidents/${id}`;
  const { uiUrl, namespace } = base.temporal;
  const run = uiUrl && alertType !== 'unclassified' ? `${uiUrl}/namespaces/${namespace}/workflows/${id}` : undefined;
  return {
    self,
    report: `${self}/report`,
    report_html: `${self}/report.html`,
    report_json: `${self}/report.json`,
    report_md: `${self}/report.md`,
    reports: `${self}/reports`,
    ...(run ? { workflow: run } : {}),
  };
}
