import { z } from 'zod';
import { renderDocs, renderLanding } from '../docs-page';
import { defineRoute, type Route, type RouteDeps } from '../define-route';
import { openApiDocument, type OpenApiDocument } from '../openapi';
import { version } from '../../package.json';

/** The document and its page, made once per application. */
interface Reference {
  document: OpenApiDocument;
  page: string;
}

/**
 * The calls that describe all the others.
 * @param allRoutes asked when the first request comes, since these calls are part of what they describe
 */
export function referenceRoutes(allRoutes: () => readonly Route[]): Route[] {
  const made = new WeakMap<RouteDeps, Reference>();

  function reference(deps: RouteDeps): Reference {
    const known = made.get(deps);
    if (known) return known;
    const document = openApiDocument(allRoutes(), { version, publicUrl: deps.publicUrl });
    const fresh = { document, page: renderDocs(document, deps.keyFile) };
    made.set(deps, fresh);
    return fresh;
  }

  const openApi = defineRoute({
    method: 'get',
    path: '/openapi.json',
    group: 'Service',
    summary: 'This API as an OpenAPI 3.1 document',
    open: true,
    curl: 'curl $SOAR_URL/openapi.json',
    responses: { 200: { description: 'The document', json: z.looseObject({ openapi: z.string() }) } },
  }).handle((_input, deps) => ({ status: 200, json: { ...reference(deps).document } }));

  const docs = defineRoute({
    method: 'get',
    path: '/docs',
    group: 'Service',
    summary: 'This API as a page to read',
    open: true,
    curl: 'curl $SOAR_URL/docs',
    responses: { 200: { description: 'The page', html: true } },
  }).handle((_input, deps) => ({ status: 200, html: reference(deps).page }));

  return [openApi, docs, landing];
}

const landing = defineRoute({
  method: 'get',
  path: '/',
  group: 'Service',
  summary: 'Where everything is',
  open: true,
  curl: 'curl $SOAR_URL/',
  responses: {
    200: {
      description: 'Links',
      json: z
        .object({ name: z.string(), version: z.string(), links: z.record(z.string(), z.string()) })
        .meta({ id: 'Landing' }),
      html: true,
    },
  },
}).handle(({ accepts }, { publicUrl }) => {
  const headers = { Vary: 'Accept' };
  if (accepts(['json', 'html']) === 'html') return { status: 200, headers, html: renderLanding(publicUrl) };
  const paths = { docs: '/docs', openapi: '/openapi.json', health: '/healthz', readiness: '/readyz' };
  const links = Object.fromEntries(Object.entries(paths).map(([name, path]) => [name, publicUrl + path]));
  return { status: 200, headers, json: { name: 'SOAR Suite', version, links } };
});
