import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import express, { type Router } from 'express';
import type { ExampleTab } from './graphiql-examples.js';

const resolve = createRequire(import.meta.url).resolve;

/** The files of the page, out of the installed packages: nothing is fetched from elsewhere, so the page works offline. */
const ASSETS: Readonly<Record<string, string>> = {
  'react.js': packageFile('react', 'umd/react.production.min.js'),
  'react-dom.js': packageFile('react-dom', 'umd/react-dom.production.min.js'),
  'graphiql.js': packageFile('graphiql', 'graphiql.min.js'),
  'graphiql.css': packageFile('graphiql', 'graphiql.min.css'),
};

/** GraphiQL at the path it is mounted on, with these tabs for whoever opens it first. */
export function graphiqlPage(options: { readonly endpoint: string; readonly tabs: readonly ExampleTab[] }): Router {
  const router = express.Router();
  for (const [name, file] of Object.entries(ASSETS)) {
    router.get(`/${name}`, (_request, response) => response.sendFile(file, { maxAge: '1h', dotfiles: 'allow' }));
  }
  router.get('/start.js', (_request, response) => response.type('js').send(startScript(options)));
  router.get('/', (request, response) => {
    // Relative addresses of the assets need the slash at the end.
    if (!request.originalUrl.split('?')[0]?.endsWith('/')) response.redirect(301, `${request.baseUrl}/`);
    else response.set('content-security-policy', CONTENT_SECURITY_POLICY).type('html').send(PAGE);
  });
  return router;
}

const CONTENT_SECURITY_POLICY =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; worker-src 'self' blob:";

const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Isthmus</title>
    <link rel="icon" href="data:,">
    <link rel="stylesheet" href="graphiql.css">
    <style>body { margin: 0 } #graphiql { height: 100vh }</style>
  </head>
  <body>
    <div id="graphiql">Loading…</div>
    <script src="react.js"></script>
    <script src="react-dom.js"></script>
    <script src="graphiql.js"></script>
    <script src="start.js"></script>
  </body>
</html>
`;

function startScript({ endpoint, tabs }: { readonly endpoint: string; readonly tabs: readonly ExampleTab[] }): string {
  return `const fetcher = GraphiQL.createFetcher({ url: ${JSON.stringify(endpoint)} });
const defaultTabs = ${JSON.stringify(tabs)};
ReactDOM.createRoot(document.getElementById('graphiql')).render(
  React.createElement(GraphiQL, { fetcher, defaultTabs, isHeadersEditorEnabled: true, defaultEditorToolsVisibility: true }),
);
`;
}

function packageFile(name: string, path: string): string {
  return join(dirname(resolve(`${name}/package.json`)), path);
}
