import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { z } from 'zod';
import { defineRoute } from '../../../api/define-route';
import { renderDocs } from '../../../api/docs-page';
import { openApiDocument, type OpenApiDocument, type Operation } from '../../../api/openapi';
import { ROUTES } from '../../../api/routes';

const ABOUT = { version: '1.2.3', publicUrl: 'http://soar.test' };
const document = openApiDocument(ROUTES, ABOUT);

function operations(of: OpenApiDocument): { method: string; path: string; operation: Operation }[] {
  return Object.entries(of.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method, path, operation })),
  );
}

function walk(value: unknown, visit: (key: string, value: unknown) => void): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, member] of Object.entries(value)) {
    visit(key, member);
    walk(member, visit);
  }
}

describe('the OpenAPI document', () => {
  it('describes every route once', () => {
    assert.equal(operations(document).length, ROUTES.length);
    for (const { method, path } of ROUTES) {
      assert.ok(document.paths[path.replace(/:(\w+)/g, '{$1}')]?.[method], `${method} ${path}`);
    }
    const ids = operations(document).map(({ operation }) => operation.operationId);
    assert.equal(new Set(ids).size, ids.length);
  });

  it('names no schema that is not there, and none that only names itself', () => {
    walk(document, (key, value) => {
      if (key === '$ref') assert.match(String(value), /^#\/components\/schemas\/\w+$/);
      if (key === '$ref') assert.ok(document.components.schemas[String(value).split('/').at(-1) ?? ''], String(value));
      assert.notEqual(key, '$defs');
      assert.notEqual(key, '$schema');
    });
    for (const [name, schema] of Object.entries(document.components.schemas)) {
      assert.equal(schema.type, 'object', name);
      assert.ok(!('id' in schema), name);
    }
  });

  it('declares each path parameter, and only those in the path', () => {
    for (const { path, operation } of operations(document)) {
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      const declared = (operation.parameters ?? []).filter((parameter) => parameter.in === 'path');
      assert.deepEqual(
        declared.map(({ name }) => name),
        inPath,
      );
      assert.ok(declared.every(({ required }) => required));
    }
  });

  it('says for every call what it answers, with the refusals it can give', () => {
    for (const { path, operation } of operations(document)) {
      const statuses = Object.keys(operation.responses);
      assert.ok(
        statuses.some((status) => status.startsWith('2')),
        path,
      );
      for (const [status, response] of Object.entries(operation.responses)) {
        assert.match(status, /^[2345]\d\d$/);
        assert.ok(response.description);
      }
      if (operation.security === undefined) assert.ok(statuses.includes('401') && statuses.includes('503'), path);
      if (operation.requestBody)
        assert.ok(
          ['400', '413', '415', '422'].every((status) => statuses.includes(status)),
          path,
        );
    }
    assert.ok(document.paths['/api/v1/incidents/{id}']?.['patch']?.responses['412']);
  });

  it('tells every field that may be changed, and writes lists as they are sent', () => {
    const changes = document.components.schemas['IncidentChanges'];
    assert.deepEqual(Object.keys(changes?.properties ?? {}), [
      ...['analyst_notes', 'assignee', 'status', 'resolution', 'hold_until'],
      ...['severity', 'alert_type', 'verdict', 'reason'],
    ]);
    const parameters = document.paths['/api/v1/incidents']?.['get']?.parameters ?? [];
    const verdict = parameters.find(({ name }) => name === 'verdict');
    assert.deepEqual([verdict?.style, verdict?.explode, verdict?.schema.type], ['form', false, 'array']);
    const limit = parameters.find(({ name }) => name === 'limit');
    assert.deepEqual([limit?.schema.minimum, limit?.schema.maximum, limit?.schema.default], [1, 200, 50]);
  });

  it('describes a new call from its declaration alone', () => {
    const shout = defineRoute({
      method: 'get',
      path: '/api/v1/shout/:word',
      group: 'Words',
      summary: 'Says it louder',
      curl: 'curl $SOAR_URL/api/v1/shout/hey',
      params: z.object({ word: z.string() }),
      responses: { 200: { description: 'Louder', json: z.object({ said: z.string() }) } },
    }).handle(({ params: { word } }) => ({ status: 200, json: { said: word.toUpperCase() } }));
    const operation = openApiDocument([shout], ABOUT).paths['/api/v1/shout/{word}']?.['get'];
    assert.equal(operation?.operationId, 'getShoutWord');
    assert.ok(operation?.responses['404']);
  });
});

describe('the reference page', () => {
  const page = renderDocs(document, '.soar/demo/api-key');

  it('shows every call with an example, and loads and runs nothing', () => {
    for (const { operation, path } of operations(document)) {
      assert.ok(page.includes(`id="${operation.operationId}"`), path);
      assert.match(operation['x-curl'], /^curl .*\$SOAR_URL/s);
    }
    assert.doesNotMatch(page, /<script|<link|<img|<iframe|javascript:| on\w+=/i);
    assert.doesNotMatch(page, /(?:src|href)="https?:/);
  });

  it('names the key file of this instance', () => {
    assert.match(page, /SOAR_API_KEY=\$\(cat \.soar\/demo\/api-key\)/);
  });

  it('leads every inner link somewhere', () => {
    for (const [, id] of page.matchAll(/href="#([^"]+)"/g)) assert.ok(page.includes(`id="${id}"`), id);
  });

  it('escapes what the declarations say', () => {
    const hostile = { ...document, info: { ...document.info, title: '<b>x</b>' } };
    assert.ok(renderDocs(hostile, 'x').includes('&lt;b&gt;x&lt;/b&gt;'));
  });
});
