import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { READY_MADE } from '../../../../mocks/entra/directory.js';
import { createEntraMock, type EntraMock } from '../../../../mocks/entra/server.js';
import { GraphClient } from './graph-client.js';

let entra: EntraMock;
let graph: GraphClient;
beforeAll(async () => {
  entra = await createEntraMock();
  graph = new GraphClient(entra, await entra.administratorToken());
});
afterAll(() => entra.close());

const APPLICATION = `/applications(appId='${READY_MADE.clientId}')`;
const PRINCIPAL = `/servicePrincipals/${READY_MADE.servicePrincipalId}`;
const USER = {
  accountEnabled: true,
  displayName: 'x',
  mailNickname: 'x',
  userPrincipalName: 'x@contoso.example',
  usageLocation: 'FR',
  passwordProfile: { password: 'Correct-Horse-7' },
};
const GRANT = {
  clientId: READY_MADE.servicePrincipalId,
  resourceId: READY_MADE.servicePrincipalId,
  consentType: 'Principal',
  principalId: READY_MADE.userId,
  scope: '',
};

/** Bodies that are nearly right: one property at a time takes values of every shape. */
const BODIES: readonly (readonly [path: string, body: object])[] = [
  [
    '/applications',
    { displayName: 'x', keyCredentials: [], requiredResourceAccess: [], web: {}, tags: [], identifierUris: [] },
  ],
  [`${APPLICATION}/addPassword`, { passwordCredential: {} }],
  [`${APPLICATION}/removePassword`, { keyId: '' }],
  [`${APPLICATION}/addKey`, { keyCredential: {}, proof: '' }],
  [`${APPLICATION}/removeKey`, { keyId: '', proof: '' }],
  [`${APPLICATION}/owners/$ref`, { '@odata.id': '' }],
  ['/servicePrincipals', { appId: READY_MADE.userId, replyUrls: [], info: {} }],
  [`${PRINCIPAL}/appRoleAssignments`, { appRoleId: '', principalId: '', resourceId: '' }],
  ['/oauth2PermissionGrants', GRANT],
  ['/users', USER],
  [`/users/${READY_MADE.userId}/assignLicense`, { addLicenses: [], removeLicenses: [] }],
  ['/roleManagement/directory/roleAssignments', { principalId: READY_MADE.userId, roleDefinitionId: '' }],
  ['/$batch', { requests: [] }],
];
const VALUES = [null, 0, true, '', '2026', READY_MADE.userId, [], [null], [5], [{}], {}, { key: 5 }, { password: [] }];

describe('the mock Graph', () => {
  it.each(BODIES)('answers bodies of every shape to %s without a failure of its own', async (path, body) => {
    const bodies = Object.keys(body).flatMap((name) => VALUES.map((value) => ({ ...body, [name]: value })));
    const answers = await Promise.all(bodies.map((each) => graph.post(path, each)));
    expect(answers.map(({ status }) => status).filter((status) => status >= 500)).toEqual([]);
  });

  it('answers paths and queries of every shape without a failure of its own', async () => {
    const pieces = [
      '/applications',
      '/users',
      "('",
      "')",
      '(',
      ')',
      '/',
      '%',
      "'",
      '?$filter=',
      '?$select=',
      '&$top=',
      'id',
      '?$search="',
      '?$orderby=',
      '$count',
      ' eq ',
      '%00',
      '=',
      'é',
    ];
    let state = 11;
    for (let round = 0; round < 300; round += 1) {
      let path = '/applications';
      for (let length = 0; length < 5; length += 1) {
        state = (state * 48_271) % 2_147_483_647;
        path += pieces[state % pieces.length];
      }
      const { status } = await graph.get(path, { consistencylevel: 'eventual' });
      expect([path, status < 500]).toEqual([path, true]);
    }
  });
});
