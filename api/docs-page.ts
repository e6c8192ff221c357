import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Handlebars from 'handlebars';
import { isObject } from '../domain/is-object';
import type { OpenApiDocument, Operation, Parameter } from './openapi';
import { PROBLEM_KINDS } from './problems';

type Schema = NonNullable<Parameter['schema']>;

const views = Handlebars.create();
const read = (file: string): string => readFileSync(join(__dirname, 'views', file), 'utf8');
const options = { strict: true, noEscape: false };
views.registerPartial('style', read('style.css'));
views.registerHelper('prose', prose);
const docsTemplate = views.compile<ReturnType<typeof docsModel> & { keyFile: string }>(read('docs.hbs'), options);
const landingTemplate = views.compile<{ publicUrl: string }>(read('landing.hbs'), options);

/** The API reference as one page: no script, nothing loaded from anywhere. `keyFile` is where the first key stands. */
export function renderDocs(document: OpenApiDocument, keyFile: string): string {
  return docsTemplate({ ...docsModel(document), keyFile });
}

/** What stands at `/`. */
export function renderLanding(publicUrl: string): string {
  return landingTemplate({ publicUrl });
}

/** Names in backticks become code; everything is escaped first. */
function prose(text: string): Handlebars.SafeString {
  return new Handlebars.SafeString(Handlebars.escapeExpression(text).replace(/&#x60;(.+?)&#x60;/g, '<code>$1</code>'));
}

function docsModel(document: OpenApiDocument) {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => operationModel(method, path, operation, document)),
  );
  return {
    title: document.info.title,
    version: document.info.version,
    description: document.info.description,
    server: document.servers[0]?.url ?? '',
    groups: document.tags.map(({ name }) => ({ name, operations: operations.filter(({ tag }) => tag === name) })),
    schemas: Object.entries(document.components.schemas).map(([name, schema]) => ({
      name,
      description: schema.description ?? '',
      fields: fieldsOf(schema),
    })),
    problems: Object.entries(PROBLEM_KINDS).map(([kind, { status, title }]) => ({ kind, status, title })),
  };
}

function operationModel(method: string, path: string, operation: Operation, document: OpenApiDocument) {
  const json = operation.requestBody?.content['application/json'];
  return {
    id: operation.operationId,
    tag: operation.tags[0] ?? '',
    method: method.toUpperCase(),
    path,
    summary: operation.summary,
    description: operation.description ?? '',
    open: operation.security !== undefined,
    curl: operation['x-curl'],
    parameters: (operation.parameters ?? []).map(parameterModel),
    bodyTypes: Object.keys(operation.requestBody?.content ?? {}).join(', '),
    bodyFields: json ? fieldsOf(resolve(json.schema, document)) : [],
    examples: Object.values(json?.examples ?? {}).map(({ summary, value }) => ({
      summary,
      text: JSON.stringify(value, null, 2),
    })),
    responses: Object.entries(operation.responses).map(([status, { description, content = {}, headers = {} }]) => ({
      status,
      description,
      types: Object.keys(content).join(', '),
      schema: schemaName(content['application/json']?.schema),
      headers: Object.keys(headers).join(', '),
    })),
  };
}

function parameterModel({ name, in: place, required, description, schema }: Parameter) {
  return { name, place, required, description: description ?? '', type: typeText(schema) };
}

function fieldsOf(schema: Schema) {
  const { properties = {}, required = [] } = schema;
  return Object.entries(properties).map(([name, property]) => {
    const field: Schema = typeof property === 'object' ? property : {};
    return {
      name,
      required: required.includes(name),
      type: typeText(field),
      schema: schemaName(field.type === 'array' && isSchema(field.items) ? field.items : field),
      description: field.description ?? '',
    };
  });
}

function isSchema(value: unknown): value is Schema {
  return isObject(value);
}

function resolve(schema: Schema, document: OpenApiDocument): Schema {
  const name = schemaName(schema);
  return (name && document.components.schemas[name]) || schema;
}

function schemaName(schema: Schema | undefined): string {
  return /^#\/components\/schemas\/(.+)$/.exec(schema?.$ref ?? '')?.[1] ?? '';
}

/** A schema in a few words: `"low" | "high"`, `list of string`, `integer, 1 to 200, default 50`. */
function typeText(schema: Schema): string {
  return [kindText(schema), boundsText(schema), defaultText(schema)].filter(Boolean).join(', ');
}

function kindText(schema: Schema): string {
  if (schema.$ref) return schemaName(schema);
  if (schema.enum) return schema.enum.map(String).join(' | ');
  if ('const' in schema) return JSON.stringify(schema.const);
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return choices.map((choice) => (isSchema(choice) ? kindText(choice) : 'any')).join(' or ');
  if (schema.type === 'array') return `list of ${isSchema(schema.items) ? kindText(schema.items) : 'any'}`;
  return [schema.type ?? 'any', schema.format].filter(Boolean).join(' ');
}

function boundsText({ minimum, maximum, maxLength, maxItems }: Schema): string {
  const most = typeof maximum === 'number' && maximum < Number.MAX_SAFE_INTEGER ? maximum : undefined;
  const least = typeof minimum === 'number' && minimum > Number.MIN_SAFE_INTEGER ? minimum : undefined;
  return [
    least !== undefined && most !== undefined ? `${least} to ${most}` : '',
    maxLength === undefined ? '' : `at most ${maxLength} characters`,
    maxItems === undefined ? '' : `at most ${maxItems} entries`,
  ]
    .filter(Boolean)
    .join(', ');
}

function defaultText(schema: Schema): string {
  return schema.default === undefined ? '' : `default ${JSON.stringify(schema.default)}`;
}
