import { createCampaignMock } from '../../mocks/campaign/server.js';
import { createClock } from '../../mocks/control.js';
import { createDynamicsMock } from '../../mocks/dynamics/server.js';
import { createEntraMock } from '../../mocks/entra/server.js';
import { viewTenant } from '../../mocks/entra/tenant-view.js';

export type Mocks = Awaited<ReturnType<typeof startMocks>>;

/** Starts the three mocks on free ports, with a small organization. */
export async function startMocks(options: { readonly contacts?: number } = {}) {
  const clock = createClock();
  const entra = await createEntraMock({ clock });
  const dynamics = await createDynamicsMock({
    clock,
    authority: entra.url,
    directory: viewTenant(entra.directory),
    contacts: options.contacts ?? 120,
  });
  const campaign = await createCampaignMock({ clock });
  return {
    clock,
    entra,
    dynamics,
    campaign,
    /** The requests to Dynamics and Campaign since the journals were cleared, tokens and logons aside. */
    requests() {
      return [...dynamics.requests(), ...campaign.requests().filter((entry) => !/Logo(n|ff)/.test(entry.path))];
    },
    clearRequests() {
      for (const mock of [entra, dynamics, campaign]) mock.clearRequests();
    },
    async close() {
      await Promise.all([entra, dynamics, campaign].map((mock) => mock.close()));
    },
  };
}
