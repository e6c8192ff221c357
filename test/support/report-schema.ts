import assert from 'node:assert/strict';
import Ajv2020 from 'ajv/dist/2020';
import { reportJsonSchema } from '../../api/schemas/report';

const ajv = new Ajv2020({ allErrors: true });
ajv.addFormat('date-time', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/);
ajv.addFormat('uri', (text) => URL.canParse(text));
const validate = ajv.compile(reportJsonSchema);

/** What the published schema finds wrong with a report: `place: what`. */
export function schemaErrors(report: unknown): string[] {
  validate(report);
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath}: ${message}`);
}

/** @throws AssertionError naming every place where the report is not as the published schema says */
export function assertBySchema(json: string): void {
  assert.deepEqual(schemaErrors(JSON.parse(json)), []);
}
