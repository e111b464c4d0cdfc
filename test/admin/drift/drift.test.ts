import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Column, findColumn, type Table } from '../../../src/model/table.js';
import { childElements, type XmlElement } from '../../../src/model/xml.js';
import { anOptionSet } from '../../support/builders.js';
import { ACCOUNT, openSetUp, type SetUp } from '../set-up.js';

const ACCOUNTS = { table: 'account', columns: ['name', 'accountnumber', 'industrycode', 'primarycontactid'] };
const CONTACTS = {
  table: 'contact',
  columns: ['lastname', 'jobtitle', 'emailaddress1', 'birthdate', 'preferredcontactmethodcode'],
  target: { schema: 'nms:recipient' },
};
const METHODS = anOptionSet({ 1: 'Any', 2: 'Email', 9: 'Letter' }, 'contact_preferredcontactmethodcode');

describe('drift', { timeout: 180_000 }, () => {
  let setUp: SetUp;
  beforeAll(async () => {
    setUp = await openSetUp();
  });
  afterAll(() => setUp.close());
  beforeEach(async () => {
    setUp.redefine((table) => table);
    await setUp.mappings.map({ account: ACCOUNT, tables: [ACCOUNTS, CONTACTS] }, {});
    await setUp.enumerations.synchronize({ account: ACCOUNT }, {});
  });
  afterEach(async () => {
    const tables = (await setUp.storage.mappings.list()).map((mapping) => mapping.table);
    await setUp.mappings.unmap({ account: ACCOUNT, tables }, {});
  });

  it('is none where nothing changed', async () => {
    expect(await found()).toEqual([]);
  });

  it('is told of a column that grew, was renamed or is gone, and is repaired', async () => {
    redefineContact((column) => {
      if (column.name === 'jobtitle') return { ...column, maxLength: 300, label: 'Position' };
      return column.name === 'emailaddress1' ? null : column;
    });
    const findings = await setUp.drift.find(null, {});
    expect(findings).toMatchObject([
      {
        kind: 'COLUMN_CHANGED',
        subject: 'contact.jobtitle',
        detail: 'string(100) "Job Title" → string(300) "Position"',
        repair: [
          { kind: 'CHANGE_ATTRIBUTE', subject: `mscrm:mscrmSchema${ACCOUNT}/contact/@jobtitle` },
          { kind: 'CHANGE_ATTRIBUTE', subject: 'nms:recipient/@jobtitle' },
        ],
      },
      { kind: 'COLUMN_GONE', subject: 'contact.emailaddress1', obstacle: null },
    ]);
    expect(findings[1]?.repair).toContainEqual(expect.objectContaining({ kind: 'CHANGE_MAPPING', subject: 'contact' }));
    await repairs();
    const mapping = await setUp.storage.mappings.find('contact');
    expect(mapping?.fields.map((field) => field.column)).not.toContain('emailaddress1');
  });

  it('is told of options that changed, in the schema and in the list, and both are repaired', async () => {
    redefineContact((column) =>
      column.name === 'preferredcontactmethodcode' ? { ...column, optionSet: METHODS } : column,
    );
    expect(await found()).toEqual([
      'OPTIONS_CHANGED contact.preferredcontactmethodcode',
      'LIST_CHANGED Contact_preferredcontactmethodcode',
    ]);
    await repairs();
    const [list] = await setUp.campaign.readItemizedLists(['Contact_preferredcontactmethodcode']);
    expect(list?.values).toContainEqual({ name: '9', label: 'Letter' });
    const [schema] = await setUp.campaign.introspect(['nms:recipient']);
    const options = schema?.enumerations.find((one) => one.name === 'Contact_preferredcontactmethodcode');
    expect(options?.values.map((value) => value.label)).toEqual(['Any', 'Email', 'Letter']);
  });

  it('is told of a column whose attribute cannot hold it any more, which gets another', async () => {
    redefineContact((column) => (column.name === 'birthdate' ? { ...column, type: 'string', maxLength: 50 } : column));
    expect(await found()).toEqual(['COLUMN_CHANGED contact.birthdate']);
    await repairs();
    const fields = (await setUp.storage.mappings.find('contact'))?.fields;
    expect(fields?.find((field) => field.column === 'birthdate')?.path).toBe('@crmBirthdate');
  });

  it('is told of an attribute and of a link that somebody took out of Campaign', async () => {
    await amend('cus:crmAccount', (root) => without(root, 'accountnumber', 'primarycontactid_contact'));
    expect(await found()).toEqual([
      'ATTRIBUTE_GONE cus:crmAccount/@accountnumber',
      'LINK_GONE cus:crmAccount/primarycontactid_contact',
    ]);
    await repairs();
  });

  it('is told of a schema that somebody deleted', async () => {
    await setUp.campaign.deleteSourceSchema('cus:crmAccount');
    const findings = await setUp.drift.find(['account'], {});
    expect(findings).toMatchObject([{ kind: 'SCHEMA_GONE', subject: 'cus:crmAccount', system: 'campaign' }]);
    expect(findings[0]?.repair).toContainEqual(expect.objectContaining({ kind: 'CREATE_SCHEMA' }));
    await repairs();
    const { changes } = await setUp.mappings.map({ account: ACCOUNT, tables: [ACCOUNTS, CONTACTS] }, {});
    expect(changes).toEqual([]);
  });

  it('is repaired for the tables that are named, and NOT_FOUND for one that is not mapped', async () => {
    await amend('cus:crmAccount', (root) => without(root, 'accountnumber'));
    const contactsOnly = { account: ACCOUNT, tables: ['contact'] };
    expect(await setUp.drift.repair(contactsOnly, {})).toMatchObject({ findings: [], changes: [] });
    expect(await found()).toEqual(['ATTRIBUTE_GONE cus:crmAccount/@accountnumber']);
    await expect(setUp.drift.repair({ account: ACCOUNT, tables: ['lead'] }, {})).rejects.toMatchObject({
      code: 'NOT_FOUND',
      field: 'input.tables.0',
    });
    await repairs();
  });

  async function found(): Promise<readonly string[]> {
    return (await setUp.drift.find(null, {})).map(({ kind, subject }) => `${kind} ${subject}`);
  }

  /** The repair does what it tells before, mends everything, and changes nothing when it is asked for again. */
  async function repairs(): Promise<void> {
    const told = await setUp.drift.repair({ account: ACCOUNT, dryRun: true }, {});
    const done = await setUp.drift.repair({ account: ACCOUNT }, {});
    expect(done).toEqual({ ...told, dryRun: false });
    expect(await found()).toEqual([]);
    expect(await setUp.drift.repair({ account: ACCOUNT }, {})).toMatchObject({
      findings: [],
      changes: [],
      enumerations: [],
    });
  }

  function redefineContact(change: (column: Column) => Column | null): void {
    setUp.redefine((table: Table) => {
      if (table.logicalName !== 'contact' || !findColumn(table, 'jobtitle')) return table;
      return { ...table, columns: table.columns.map(change).filter((column) => column !== null) };
    });
  }

  /** Changes a source schema as somebody might in the console. */
  async function amend(name: string, change: (root: XmlElement) => XmlElement): Promise<void> {
    const document = await setUp.campaign.readSourceSchema(name);
    if (!document) throw new Error(`Expected source schema ${name}.`);
    const children = document.children.map((child) =>
      typeof child !== 'string' && child.name === 'element' ? change(child) : child,
    );
    await setUp.campaign.writeSourceSchema({ ...document, children });
  }
});

function without(root: XmlElement, ...names: readonly string[]): XmlElement {
  return { ...root, children: childElements(root).filter((child) => !names.includes(child.attributes.name ?? '')) };
}
