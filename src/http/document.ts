import type { OpenAPIHono } from '@hono/zod-openapi';

const PATH = '/openapi.json';

/** Serves the OpenAPI document, whose paths begin where the service is mounted. */
export function addDocument(app: OpenAPIHono, { needsToken }: { needsToken: boolean }): void {
  if (needsToken) {
    const scheme = { type: 'http' as const, scheme: 'bearer' };
    app.openAPIRegistry.registerComponent('securitySchemes', 'bearer', scheme);
  }
  app.doc31(PATH, (c) => ({
    openapi: '3.1.0',
    info: { title: 'superdialog text service', version: '1' },
    servers: [{ url: c.req.path.slice(0, -PATH.length) || '/' }],
    ...(needsToken && { security: [{ bearer: [] }] }),
  }));
}
