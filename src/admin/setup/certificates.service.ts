import { randomUUID, type X509Certificate } from 'node:crypto';
import type { DynamicsSetUp, KeyCredential, MicrosoftGraph } from '../../connectors/dynamics/dynamics-set-up.js';
import type { CallOptions } from '../../model/call.js';
import { RequestError } from '../../model/errors.js';
import { createMutex } from '../mutex.js';
import { findRequired } from './applications.service.js';
import { readCertificate } from './read-certificate.js';
import type { UploadCertificateInput } from './set-up.inputs.js';
import type { UploadedCertificate } from './set-up.types.js';
import { Steps } from './steps.js';
import { thumbprintOf, thumbprintOfCredential } from './thumbprint.js';
import { assertClientId, signInOf } from './validate-set-up.js';

/** Uploads certificates to the application. */
export class CertificatesService {
  /** Graph replaces the whole list: of two calls at once, one would write the other's certificate away. */
  private readonly exclusively = createMutex();

  constructor(private readonly setUp: DynamicsSetUp) {}

  /** Adds the certificate to those of the application; one that is there already, by its thumbprint, is not added twice. */
  upload(input: UploadCertificateInput, call: CallOptions): Promise<UploadedCertificate> {
    return this.exclusively(() => this.uploadNow(input, call));
  }

  private async uploadNow(input: UploadCertificateInput, call: CallOptions): Promise<UploadedCertificate> {
    const clientId = assertClientId(input.clientId);
    const certificate = readCertificate(input.certificate, 'input.certificate');
    const expiresOn = new Date(certificate.validTo);
    if (expiresOn.getTime() <= Date.now()) throw expired(expiresOn);
    const graph = await this.setUp.openGraph(signInOf(input), call);
    try {
      const { objectId } = await findRequired(graph, clientId, call);
      const held = await graph.readCertificates(objectId, call);
      const steps = new Steps(input.dryRun);
      const thumbprint = thumbprintOf(certificate.raw);
      const uploaded =
        held.find((credential) => thumbprintOfCredential(credential) === thumbprint && !isExpired(credential)) ??
        (await add(graph, objectId, held, certificate, steps, call));
      return {
        outcome: steps.outcome(steps.changes.length === 0),
        changes: steps.changes,
        customKeyIdentifier: thumbprint,
        keyId: uploaded?.keyId ?? null,
        expiresOn: uploaded ? new Date(uploaded.expiresOn) : expiresOn,
      };
    } finally {
      await graph.close();
    }
  }
}

/** Graph replaces the whole list, and refuses it where one entry has expired. */
async function add(
  graph: MicrosoftGraph,
  objectId: string,
  held: readonly KeyCredential[],
  certificate: X509Certificate,
  steps: Steps,
  call: CallOptions,
): Promise<KeyCredential | null> {
  const added = toCredential(certificate);
  const kept = [...held.filter((credential) => !isExpired(credential)), added];
  const result = await steps.take(`Upload the certificate "${added.displayName}".`, () =>
    graph.replaceCertificates(objectId, kept, call),
  );
  for (const { displayName, keyId } of held.filter(isExpired))
    await steps.take(`Drop the expired certificate "${displayName ?? keyId}".`, async () => undefined);
  return result?.find((credential) => credential.keyId.toLowerCase() === added.keyId) ?? (result && added);
}

function isExpired({ expiresOn }: KeyCredential): boolean {
  return Date.parse(expiresOn) <= Date.now();
}

/** With an id of our own, by which an upload whose answer was lost is known again. `customKeyIdentifier` is left to Entra. */
function toCredential(certificate: X509Certificate): KeyCredential {
  return {
    keyId: randomUUID(),
    customKeyIdentifier: null,
    key: certificate.raw.toString('base64'),
    displayName: certificate.subject.replaceAll('\n', ', ').slice(0, 90),
    type: 'AsymmetricX509Cert',
    usage: 'Verify',
    startsOn: seconds(certificate.validFrom),
    expiresOn: seconds(certificate.validTo),
  };
}

function seconds(date: string): string {
  return new Date(date).toISOString().replace(/\.\d+Z$/, 'Z');
}

function expired(expiresOn: Date): RequestError {
  return new RequestError(
    'BAD_USER_INPUT',
    `Expected a certificate that is still valid, but it expired at ${expiresOn.toISOString()}. Make one anew with generateCertificate.`,
    { field: 'input.certificate' },
  );
}
