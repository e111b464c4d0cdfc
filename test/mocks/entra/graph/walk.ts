import { ConfidentialClientApplication } from '@azure/msal-node';
import { BatchRequestContent, Client, type GraphError, PageIterator } from '@microsoft/microsoft-graph-client';

/*
 * The set-up of an application, step by step, with Microsoft's own clients as they come. The mock's certificate is trusted by
 * NODE_EXTRA_CA_CERTS, which Node reads when a process starts: hence a process of its own. It prints what it saw as JSON.
 */

interface Input {
  readonly port: number;
  readonly tenantId: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly certificate: string;
}

// The test that starts this process writes it.
const input = JSON.parse(process.argv[2] ?? '{}') as Input;
const host = `localhost:${input.port}`;

const administration = new ConfidentialClientApplication({
  auth: {
    clientId: input.clientId,
    clientSecret: input.clientSecret,
    authority: `https://${host}/${input.tenantId}`,
    knownAuthorities: [host],
  },
});
const client = Client.initWithMiddleware({
  baseUrl: `https://${host}/`,
  customHosts: new Set(['localhost']),
  authProvider: {
    getAccessToken: async () => {
      const scopes = ['https://graph.microsoft.com/.default'];
      return (await administration.acquireTokenByClientCredential({ scopes }))?.accessToken ?? '';
    },
  },
});

const application = await client.api('/applications').post({ displayName: 'adobecampaigncontoso' });
const principal = await client.api('/servicePrincipals').post({ appId: application.appId });

const keyCredentials = [{ type: 'AsymmetricX509Cert', usage: 'Verify', key: input.certificate }];
await client.api(`/applications/${application.id}`).patch({ keyCredentials });
const uploaded = await client.api(`/applications/${application.id}`).select('keyCredentials').get();
const secret = await client.api(`/applications/${application.id}/addPassword`).post(undefined);

const dynamics = await client.api("/servicePrincipals(appId='00000007-0000-0000-c000-000000000000')").get();
const grant = {
  clientId: principal.id,
  consentType: 'AllPrincipals',
  resourceId: dynamics.id,
  scope: 'user_impersonation',
};
await client.api('/oauth2PermissionGrants').post(grant);
const grants = await client.api('/oauth2PermissionGrants').filter(`clientId eq '${principal.id}'`).get();
const duplicate = await client
  .api('/oauth2PermissionGrants')
  .post(grant)
  .catch((error: GraphError) => [error.statusCode, error.code, error.message, error.requestId?.length]);

const user = await client.api('/users').post({
  accountEnabled: true,
  displayName: 'Integration',
  mailNickname: 'integration',
  userPrincipalName: 'integration@contoso.example',
  usageLocation: 'FR',
  passwordProfile: { password: 'Correct-Horse-7', forceChangePasswordNextSignIn: false },
});
const skus = await client.api('/subscribedSkus').get();
const skuId = skus.value.find(
  (sku: { skuPartNumber: string }) => sku.skuPartNumber === 'DYN365_ENTERPRISE_SALES',
).skuId;
await client.api(`/users/${user.id}/assignLicense`).post({ addLicenses: [{ skuId }], removeLicenses: [] });
const licensed = await client.api(`/users/${user.id}`).select('assignedLicenses').get();

const names: string[] = [];
const firstPage = await client.api('/users').top(1).get();
await new PageIterator(client, firstPage, (each) => {
  names.push(each.userPrincipalName);
  return true;
}).iterate();

const batch = new BatchRequestContent([
  { id: '1', request: new Request(`https://${host}/applications/${application.id}`, { method: 'GET' }) },
]);
const batched = await client.api('/$batch').post(await batch.getContent());

process.stdout.write(
  JSON.stringify({
    appId: application.appId,
    thumbprint: uploaded.keyCredentials[0].customKeyIdentifier,
    secret: secret.secretText,
    scopes: grants.value.map((each: { scope: string }) => each.scope),
    duplicate,
    licenses: licensed.assignedLicenses.map((license: { skuId: string }) => license.skuId === skuId),
    names,
    batched: batched.responses.map((each: { status: number }) => each.status),
  }),
);
