import express, { type Express } from 'express';
import type { ApiDeps } from './deps';
import { createEngineStarter } from './engine-starter';
import { createAuthenticator } from './middleware/authenticate';
import { answerErrors, answerNotFound } from './middleware/errors';
import { requestContext, wellFormedUrl } from './middleware/request-context';
import { securityHeaders } from './middleware/security-headers';
import { mountRoutes } from './mount';
import { ROUTES } from './routes';

/** The whole HTTP application. It opens nothing itself: sockets, database and engine belong to the caller. */
export function createApp(deps: ApiDeps): Express {
  const app = express();
  app.disable('x-powered-by');
  // Only answers that carry a version have an ETag; a hash of the text would change with every relative time.
  app.disable('etag');
  app.use(requestContext(deps.logger), securityHeaders, wellFormedUrl);
  const engine = createEngineStarter(deps.gateway, deps.logger);
  app.use(mountRoutes(ROUTES, { ...deps, engine }, createAuthenticator(deps.store.apiKeys, deps.clock)));
  app.use(answerNotFound);
  app.use(answerErrors);
  return app;
}
