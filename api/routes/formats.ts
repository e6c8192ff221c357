import { z } from 'zod';
import { FORMATS } from '../../domain/formats';
import { defineRoute } from '../define-route';
import { API } from '../links';

const formatsSchema = z
  .object({
    items: z.array(
      z.object({
        name: z.string().describe('As in answers and in `?format=`; also the `source` of its alerts'),
        title: z.string(),
        reference: z.string().nullable().describe("Where the product's maker documents it"),
      }),
    ),
  })
  .meta({ id: 'Formats' });

export const formats = defineRoute({
  method: 'get',
  path: `${API}/formats`,
  group: 'Alerts',
  summary: 'The formats that are understood',
  description:
    'In the order in which they are tried: the most particular first, the one that reads any JSON or text by the names of ' +
    'its fields near the end.',
  curl: 'curl -H "Authorization: Bearer $SOAR_API_KEY" $SOAR_URL/api/v1/formats',
  responses: { 200: { description: 'The formats', json: formatsSchema } },
}).handle(() => ({
  status: 200,
  json: { items: FORMATS.map(({ name, title, reference = null }) => ({ name, title, reference })) },
}));
