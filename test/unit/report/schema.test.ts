import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { z } from 'zod';
import type { JsonReport } from '../../../activities/report/json';
import { renderReport } from '../../../activities/report/render';
import type { ReportInput } from '../../../activities/report/render';
import { reportJsonSchema, type reportSchema } from '../../../api/schemas/report';
import { assertBySchema, schemaErrors } from '../../support/report-schema';
import { handledReport, hostileReport, pendingReport } from './fixture';
import { HOSTILE, hostileAssessment } from './hostile';

/** The compiler holds the two against each other: what the renderer writes is what the schema describes. */
type Described = z.input<typeof reportSchema>;
const described = (report: JsonReport): Described => report;

/** With every optional thing, and fields of a source that no schema knows. */
function fullReport(): ReportInput {
  const input = handledReport();
  const { view } = input;
  const about = { name: 'known_ioc', source: 'iocs', observable: 'ip:185.220.101.1' } as const;
  const ledger = [{ rule: 'noisy_or', text: 'One', numbers: { score: 92.5 }, of: about }];
  const techniques = ['T1110', HOSTILE.script];
  const due = { acknowledge: '2026-11-23T02:40:00.000Z', close: '2026-11-23T06:10:00.000Z' };
  return {
    ...input,
    decision: { ...input.decision, techniques, due },
    assessment: { ...hostileAssessment(), version: HOSTILE.template, ledger },
    view: {
      ...view,
      ledger,
      rules: { policy_version: '7', policy: 'a'.repeat(64), site: 'b'.repeat(64) },
      correlation: {
        key: 'brute_force',
        fields: { src_ip: '185.220.101.1', __proto__x: HOSTILE.script },
        window_seconds: 7200,
      },
      related: [{ incident_id: 'INC-0000000000', relation: 'follows', at: '2026-11-23T02:10:00.000000Z' }],
      hold: { reason: HOSTILE.link, until: due.close, by: 'ana', at: due.acknowledge },
      decision: { ...input.decision, techniques, due },
      alerts: view.alerts.map((alert) => ({
        ...alert,
        extra: { deep: { nested: [null, 1, { [HOSTILE.script]: true }] } },
        unheard_of: [1, { of: null }],
      })),
    },
  };
}

const REPORTS = {
  hostile: hostileReport(),
  'before a verdict': pendingReport(),
  'after analysts': handledReport(),
  'with everything': fullReport(),
};
const reportOf = (input: ReportInput) => JSON.parse(renderReport(input).json) as JsonReport;

describe('the JSON Schema of the report', () => {
  for (const [name, input] of Object.entries(REPORTS)) {
    it(`holds for what the renderer writes: ${name}`, () => assertBySchema(renderReport(input).json));
  }

  it('is JSON Schema 2020-12, whole in itself', () => {
    assert.equal(reportJsonSchema.$schema, 'https://json-schema.org/draft/2020-12/schema');
    const references = [...JSON.stringify(reportJsonSchema).matchAll(/"\$ref":"([^"]*)"/g)].map(
      (match) => match[1] ?? '',
    );
    assert.ok(references.length > 0);
    for (const reference of references) {
      assert.ok(reportJsonSchema.$defs?.[/^#\/\$defs\/(.+)$/.exec(reference)?.[1] ?? ''], reference);
    }
  });

  it('says what the compiler knows of a report', () => {
    assert.equal(described(reportOf(hostileReport())).report.version, 1);
  });

  it('refuses what is not there, not known or not allowed, naming the place', () => {
    const broken: [place: string, change: (report: JsonReport) => unknown][] = [
      ['/report', ({ report, ...rest }) => ({ ...rest, report: { ...report, author: undefined } })],
      ['/report/version', ({ report, ...rest }) => ({ ...rest, report: { ...report, version: 0 } })],
      [
        '/report/audit_head/hash',
        ({ report, ...rest }) => ({ ...rest, report: { ...report, audit_head: { seq: 1, hash: 'x' } } }),
      ],
      [
        '/report/generated_at',
        ({ report, ...rest }) => ({ ...rest, report: { ...report, generated_at: 'yesterday' } }),
      ],
      ['/standing/status', (report) => ({ ...report, standing: { status: 'gone', resolution: null } })],
      ['/incident/verdict', (report) => ({ ...report, incident: { ...report.incident, verdict: 'bad' } })],
      ['/incident', (report) => ({ ...report, incident: { ...report.incident, surprise: 1 } })],
      [
        '/incident/sla/breached',
        ({ incident, ...rest }) => ({ ...rest, incident: { ...incident, sla: { ...incident.sla, breached: 'no' } } }),
      ],
      ['', (report) => ({ ...report, more: true })],
      ['', ({ given_up: _gone, ...report }) => report],
    ];
    for (const [place, change] of broken) {
      const whole: unknown = JSON.parse(JSON.stringify(change(reportOf(handledReport()))));
      const [first = 'nothing', ...more] = schemaErrors(whole);
      assert.ok(first.startsWith(`${place}: `) && more.length === 0, `${place} ≠ ${[first, ...more].join(', ')}`);
    }
  });
});
