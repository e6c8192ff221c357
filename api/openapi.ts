import { z } from 'zod';
import type { BodySpec, ResponseSpec, Route } from './define-route';
import { PROBLEM_KINDS, type ProblemKind } from './problems';
import { problemSchema } from './schemas/problem';

type JsonSchema = z.core.JSONSchema.BaseSchema;

export interface Parameter {
  name: string;
  in: 'query' | 'path' | 'header';
  required: boolean;
  description?: string;
  schema: JsonSchema;
  style?: 'form';
  explode?: false;
}

interface Media {
  schema: JsonSchema;
  examples?: Record<string, { summary: string; value: unknown }>;
}

interface ResponseObject {
  description: string;
  headers?: Record<string, { description: string; schema: JsonSchema }>;
  content?: Record<string, Media>;
}

export interface Operation {
  operationId: string;
  tags: string[];
  summary: string;
  description?: string;
  security?: [];
  parameters?: Parameter[];
  requestBody?: { required: boolean; content: Record<string, Media> };
  responses: Record<string, ResponseObject>;
  'x-curl': string;
}

/** An OpenAPI 3.1 document, as far as we write one. */
export interface OpenApiDocument {
  openapi: '3.1.1';
  info: { title: string; version: string; description: string; license: { name: string; identifier: string } };
  servers: { url: string }[];
  tags: { name: string }[];
  security: Record<string, []>[];
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, JsonSchema>; securitySchemes: Record<string, unknown> };
}

/** Describes the routes from the schemas that validate them. */
export function openApiDocument(
  routes: readonly Route[],
  about: { version: string; publicUrl: string },
): OpenApiDocument {
  const components: Record<string, JsonSchema> = {};
  const paths: OpenApiDocument['paths'] = {};
  for (const route of routes) {
    const path = route.path.replace(/:(\w+)/g, '{$1}');
    (paths[path] ??= {})[route.method] = operation(route, components);
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'SOAR Suite',
      version: about.version,
      description:
        'Takes alerts, investigates them, and answers what it found. Refusals are RFC 9457 problem documents.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: about.publicUrl }],
    tags: [...new Set(routes.map(({ group }) => group))].map((name) => ({ name })),
    security: [{ bearer: [] }, { apiKey: [] }, { basic: [] }],
    paths,
    components: {
      schemas: components,
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer' },
        apiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key' },
        basic: { type: 'http', scheme: 'basic', description: 'Any user; the key is the password' },
      },
    },
  };
}

function operation(route: Route, components: Record<string, JsonSchema>): Operation {
  const convert = (schema: z.ZodType): JsonSchema => jsonSchema(schema, components);
  const parameters = [
    ...parametersOf(route.params, 'path', convert),
    ...parametersOf(route.query, 'query', convert),
    ...Object.entries(route.headers ?? {}).map(([name, description]): Parameter => ({
      name,
      in: 'header',
      required: false,
      description,
      schema: { type: 'string' },
    })),
  ];
  return {
    operationId: operationId(route),
    tags: [route.group],
    summary: route.summary,
    ...(route.description ? { description: route.description } : {}),
    ...(route.open ? { security: [] } : {}),
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(route.body
      ? { requestBody: { required: !mayBeLeftOut(route.body), content: bodyContent(route.body, convert) } }
      : {}),
    responses: responsesOf(route, convert),
    'x-curl': route.curl,
  };
}

/** `get /api/v1/incidents/:id/report.html` → `getIncidentsIdReportHtml`. */
function operationId({ method, path }: Route): string {
  const words = path.replace(/^\/api\/v1/, '').match(/\w+/g) ?? ['root'];
  return method + words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
}

/**
 * What a request may hold (`input`); also for answers, where further fields may come with later versions. Named schemas
 * move to the components.
 */
function jsonSchema(schema: z.ZodType, components: Record<string, JsonSchema>): JsonSchema {
  const converted = z.toJSONSchema(schema, {
    io: 'input',
    override: ({ zodSchema: { _zod: zod }, jsonSchema: node }) => {
      // Zod forgets the default of a value that is converted first, as numbers in a query are.
      if (zod.def.type === 'default') node.default = zod.def.defaultValue;
      // Fields that are declared only to be refused by name are no part of the description.
      for (const [name, property] of Object.entries(node.properties ?? {})) {
        if (typeof property === 'object' && 'not' in property) delete node.properties?.[name];
      }
    },
  });
  const { $schema: _dialect, $defs = {}, ...own } = withComponentRefs(converted);
  Object.assign(components, $defs);
  return own;
}

function withComponentRefs(schema: JsonSchema): JsonSchema {
  return JSON.parse(JSON.stringify(schema).replaceAll('"#/$defs/', '"#/components/schemas/')) as JsonSchema;
}

function parametersOf(
  schema: z.ZodType | undefined,
  place: 'path' | 'query',
  convert: (schema: z.ZodType) => JsonSchema,
): Parameter[] {
  if (!schema) return [];
  const { properties = {}, required = [] } = convert(schema);
  return Object.entries(properties).map(([name, property]) => {
    const { description, ...own } = typeof property === 'object' ? property : {};
    return {
      name,
      in: place,
      required: required.includes(name),
      ...(description ? { description } : {}),
      schema: own,
      ...(own.type === 'array' ? { style: 'form' as const, explode: false as const } : {}),
    };
  });
}

function mayBeLeftOut(body: BodySpec<z.ZodType>): boolean {
  return body.kind === 'json' && body.optional === true;
}

function bodyContent(body: BodySpec<z.ZodType>, convert: (schema: z.ZodType) => JsonSchema): Record<string, Media> {
  const schemas = body.kind === 'json' ? { 'application/json': body.schema } : body.describes;
  return Object.fromEntries(
    Object.entries(schemas).map(([type, schema]): [string, Media] => {
      const examples = type === 'application/json' && body.examples ? { examples: body.examples } : {};
      return [type, { schema: convert(schema), ...examples }];
    }),
  );
}

function responsesOf(route: Route, convert: (schema: z.ZodType) => JsonSchema): Record<string, ResponseObject> {
  const answers = Object.entries(route.responses).map(([status, spec]): [string, ResponseObject] => [
    status,
    answer(spec, convert),
  ]);
  const problems = problemsOf(route)
    .filter((kind) => !(PROBLEM_KINDS[kind].status in route.responses))
    .map((kind): [string, ResponseObject] => [
      String(PROBLEM_KINDS[kind].status),
      {
        description: PROBLEM_KINDS[kind].title,
        content: { 'application/problem+json': { schema: convert(problemSchema) } },
      },
    ]);
  return Object.fromEntries([...answers, ...problems]);
}

/** What every call of this kind may be refused for. */
function problemsOf(route: Route): ProblemKind[] {
  return [
    'malformed-request',
    'invalid-fields',
    ...(route.open ? [] : (['unauthenticated', 'unavailable'] as const)),
    ...(route.params ? (['not-found'] as const) : []),
    ...(route.body ? (['too-large', 'unsupported-media-type'] as const) : []),
    ...(route.problems ?? []),
  ];
}

function answer(spec: ResponseSpec, convert: (schema: z.ZodType) => JsonSchema): ResponseObject {
  const content: Record<string, Media> = {
    ...(spec.json ? { 'application/json': { schema: convert(spec.json) } } : {}),
    ...(spec.html ? { 'text/html': { schema: { type: 'string' } } } : {}),
    ...(spec.markdown ? { 'text/markdown': { schema: { type: 'string' } } } : {}),
    ...Object.fromEntries((spec.streams ?? []).map((type): [string, Media] => [type, { schema: { type: 'string' } }])),
  };
  const headers = Object.entries(spec.headers ?? {}).map(([name, description]) => [
    name,
    { description, schema: { type: 'string' } },
  ]);
  return {
    description: spec.description,
    ...(headers.length > 0 ? { headers: Object.fromEntries(headers) as NonNullable<ResponseObject['headers']> } : {}),
    ...(Object.keys(content).length > 0 ? { content } : {}),
  };
}
