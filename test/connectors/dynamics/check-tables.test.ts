import { describe, expect, it } from 'vitest';
import {
  checkChangeTracking,
  checkMetadata,
  checkPrivileges,
  type TableFacts,
} from '../../../src/connectors/dynamics/check-tables.js';
import type { DynamicsClient, JsonObject } from '../../../src/connectors/dynamics/client.js';

/** A client that answers by what a resource begins with. */
function clientOf(answers: Readonly<Record<string, JsonObject>>): DynamicsClient {
  const get = async (resource: string) => {
    const [, answer] = Object.entries(answers).find(([start]) => resource.startsWith(start)) ?? [];
    if (answer === undefined) throw new Error(`Unexpected request for ${resource}.`);
    return answer;
  };
  const unused = async (): Promise<never> => {
    throw new Error('Expected nothing but reading.');
  };
  return { get, send: unused, close: unused };
}

const privileges = (...held: readonly (readonly [string, string])[]) =>
  clientOf({
    systemusers: { RolePrivileges: held.map(([PrivilegeName, Depth]) => ({ PrivilegeName, Depth })) },
  });

const CONTACT: TableFacts = { name: 'contact', readPrivilege: 'prvReadContact', tracksChanges: true };
const EMAIL: TableFacts = { name: 'email', readPrivilege: 'prvReadActivity', tracksChanges: false };

describe('the connection test of mapped tables', () => {
  it('names the privileges that the user lacks', async () => {
    const finding = await checkPrivileges(privileges(['prvReadContact', 'Global']), 'id', [CONTACT, EMAIL], {});
    expect(finding).toEqual({
      ok: false,
      detail: 'The user may not read email.',
      remedy: 'Give the user a security role with prvReadActivity at organization level.',
    });
  });

  it('warns where the user sees only records of a part of the organization', async () => {
    const finding = await checkPrivileges(privileges(['prvReadContact', 'Basic']), 'id', [CONTACT], {});
    expect(finding).toMatchObject({
      ok: true,
      detail: expect.stringContaining('only a part of the records of contact'),
    });
    expect(finding?.remedy).toContain('prvReadContact');
  });

  it('fails a user without any privilege', async () => {
    expect(await checkPrivileges(privileges(), 'id', [], {})).toMatchObject({ ok: false });
  });

  it('warns of tables whose changes are not tracked', () => {
    const finding = checkChangeTracking([CONTACT, EMAIL]);
    expect(finding).toMatchObject({ ok: true, remedy: expect.stringContaining('Track changes') });
    expect(finding?.detail).toContain('email');
    expect(finding?.detail).not.toContain('contact');
  });

  it.each([
    [{ Privileges: [{ PrivilegeType: 'Read', Name: 'prvReadOwn' }], SchemaName: 'X', IsActivity: false }, 'prvReadOwn'],
    [{ Privileges: [], SchemaName: 'new_Own', IsActivity: false }, 'prvReadnew_Own'],
    [{ Privileges: [], SchemaName: 'Email', IsActivity: true }, 'prvReadActivity'],
  ])('learns from %j that reading needs %s', async (definition, readPrivilege) => {
    const found: TableFacts[] = [];
    await checkMetadata(clientOf({ EntityDefinitions: definition }), ['own'], found, {});
    expect(found).toEqual([{ name: 'own', readPrivilege, tracksChanges: false }]);
  });
});
