import { createServer } from 'node:http';
import { createMeshHTTPHandler } from '@graphql-mesh/http';
import { getMesh } from '@graphql-mesh/runtime';
import { getMeshOptions } from './.mesh/index.js';

/*
 * Serves what "mesh build" made, as "mesh start" does in production, without its web sockets. Where Dynamics is and the token come from the
 * environment, as .meshrc.yaml says; expandNavProps too, so that one build serves both.
 */
const options = await getMeshOptions();
options.sources[0].handler.config.expandNavProps = process.env.EXPAND_NAV_PROPS === 'true';
const mesh = getMesh(options);
await mesh;
const handler = createMeshHTTPHandler({ baseDir: import.meta.dirname, getBuiltMesh: () => mesh, rawServeConfig: {} });
createServer(handler).listen(Number(process.env.PORT), '127.0.0.1', () => process.stdout.write('Mesh is ready.\n'));
process.on('SIGTERM', () => process.exit(0)).on('disconnect', () => process.exit(0));
