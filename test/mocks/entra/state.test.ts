import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEntraMock } from '../../../mocks/entra/server.js';
import { covers } from '../compatibility.js';
import { GraphClient, tokenOutcome } from './graph/graph-client.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'entra-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('the state file', () => {
  it('keeps applications, their secrets and what was deleted from one run to the next', async () => {
    covers('entra', 'Testers', 'the directory is kept in a file from one run to the next');
    const stateFile = join(folder, 'deep', 'entra.json');
    const first = await createEntraMock({ stateFile });
    const graph = new GraphClient(first);
    const { id, appId } = (await graph.post('/applications', { displayName: 'kept' })).body;
    await graph.post('/servicePrincipals', { appId });
    const { secretText } = (await graph.post(`/applications/${id}/addPassword`)).body;
    const lost = (await graph.post('/applications', { displayName: 'deleted' })).body.id;
    await graph.delete(`/applications/${lost}`);
    await first.close();

    const second = await createEntraMock({ stateFile });
    await second.reset();
    const form = { client_id: String(appId), client_secret: String(secretText), scope: 'https://org.example/.default' };
    expect(await tokenOutcome(second, { grant_type: 'client_credentials', ...form })).toBe('token');
    expect((await new GraphClient(second).post(`/directory/deletedItems/${lost}/restore`)).status).toBe(200);
    await second.close();
  });

  it('is refused by name where it holds something else', async () => {
    const stateFile = join(folder, 'other.json');
    await writeFile(stateFile, '{"version": 2}');
    await expect(createEntraMock({ stateFile })).rejects.toThrow(`Expected "${stateFile}" to hold the state`);
  });
});
