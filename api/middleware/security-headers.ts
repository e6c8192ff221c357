import type { NextFunction, Request, Response } from 'express';

const HEADERS = {
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Resource-Policy': 'same-origin',
  // Answers hold incidents; a route that may be revalidated says so itself.
  'Cache-Control': 'no-store',
  'Content-Security-Policy': contentSecurityPolicy(),
};

/** Nothing may be loaded or run; pages may bring the styles they contain. */
export function contentSecurityPolicy(...directives: string[]): string {
  return ["default-src 'none'", ...directives, "frame-ancestors 'none'", "base-uri 'none'", "form-action 'none'"].join(
    '; ',
  );
}

export function securityHeaders(_request: Request, response: Response, next: NextFunction): void {
  response.set(HEADERS);
  next();
}
