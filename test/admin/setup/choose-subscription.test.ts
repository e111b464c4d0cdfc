import { describe, expect, it } from 'vitest';
import { admitsToDynamics, chooseSubscription } from '../../../src/admin/setup/choose-subscription.js';
import type { Subscription } from '../../../src/connectors/dynamics/dynamics-set-up.js';

function subscription(name: string, freeLicenses = 1, facts: Partial<Subscription> = {}): Subscription {
  return { id: `id of ${name}`, name, freeLicenses, isEnabled: true, isForUsers: true, ...facts };
}

describe('the choice of a licence', () => {
  it('takes the least subscription that has one free', () => {
    const tenant = ['DYN365_ENTERPRISE_PLAN1', 'DYN365_ENTERPRISE_SALES', 'D365_SALES_PRO'].map((name) =>
      subscription(name),
    );
    expect(chooseSubscription(tenant, null).name).toBe('D365_SALES_PRO');
    const [plan, sales] = tenant;
    if (!plan || !sales) throw new Error('Expected three subscriptions.');
    expect(chooseSubscription([plan, sales, subscription('D365_SALES_PRO', 0)], null).name).toBe(
      'DYN365_ENTERPRISE_SALES',
    );
  });

  it('takes the one that is asked for, by name in any case', () => {
    const tenant = [subscription('D365_SALES_PRO'), subscription('DYN365_TEAM_MEMBERS')];
    expect(chooseSubscription(tenant, 'dyn365_team_members').name).toBe('DYN365_TEAM_MEMBERS');
  });

  it.each([
    ['FLOW_FREE', false],
    ['DYN365_BUSCENTRAL_ESSENTIAL', false],
    ['D365_SALES_ENT_ATTACH', false],
    ['DYN365_ENTERPRISE_SALES', true],
    ['DYN365_ENTERPRISE_FIELD_SERVICE', true],
    ['CRMIUR', true],
  ])('knows of %s whether it admits to Dynamics: %s', (name, admits) => {
    expect(admitsToDynamics(subscription(name))).toBe(admits);
  });

  it('tells what the tenant has where nothing is free or fit', () => {
    const tenant = [subscription('DYN365_ENTERPRISE_SALES', 0), subscription('FLOW_FREE', 9)];
    expect(() => chooseSubscription(tenant, null)).toThrow('DYN365_ENTERPRISE_SALES (0 free)');
    expect(() => chooseSubscription(tenant, 'DYN365_ENTERPRISE_SALES')).toThrow('No licence');
    expect(() => chooseSubscription(tenant, 'OTHER')).toThrow(
      expect.objectContaining({ code: 'NOT_FOUND', field: 'input.license' }),
    );
  });
});
