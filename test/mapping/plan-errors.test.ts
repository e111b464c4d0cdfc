import { describe, expect, it } from 'vitest';
import { planMapping, type TableSelection } from '../../src/mapping/plan-mapping.js';
import { planUnmapping } from '../../src/mapping/plan-unmapping.js';
import { RequestError } from '../../src/model/errors.js';
import { xml } from '../../src/model/xml.js';
import { aColumn, anAttribute, aSchema, aTable } from '../support/builders.js';
import { mappingInput } from './planning.js';

const contact = aTable('contact', [
  aColumn('firstname'),
  aColumn('lastname'),
  aColumn('birthdate', 'date'),
  aColumn('entityimage', 'image'),
  aColumn('secret', 'string', { readable: false }),
  aColumn('fullname', 'string', { creatable: false, updatable: false }),
]);
const lead = aTable('lead', [aColumn('firstname')]);
const recipient = aSchema('nms:recipient', [
  anAttribute('firstName'),
  anAttribute('gender', 'byte'),
  anAttribute('age', 'long', { computed: true }),
  anAttribute('account', 'string', { length: 30 }),
]);
const input = mappingInput({ tables: [contact, lead], schemas: [recipient] });

/** What is wrong with a selection: `CODE field: message`. */
function problem(...selections: readonly TableSelection[]): string {
  try {
    planMapping({ ...input, selections });
  } catch (error) {
    if (error instanceof RequestError) return `${error.code} ${error.field}: ${error.message}`;
    throw error;
  }
  return 'none';
}

function onRecipient(
  fields: { column: string; path: string; [fact: string]: unknown }[],
  key?: string,
): TableSelection {
  return { table: 'contact', target: { schema: 'nms:recipient', ...(key && { key }), fields } };
}

describe('a selection that cannot be mapped', () => {
  it.each<[string, TableSelection | TableSelection[], string]>([
    [
      'an unknown table',
      { table: 'kontakt' },
      'NOT_FOUND tables.0.table: Dynamics has no table "kontakt". See dynamicsTables(search) for the tables there are.',
    ],
    [
      'an unknown column',
      { table: 'contact', columns: ['lastname', 'firstnam'] },
      'NOT_FOUND tables.0.columns.1: Table "contact" has no column "firstnam". Did you mean "firstname"?',
    ],
    [
      'a column of a type that cannot be mapped',
      { table: 'contact', columns: ['entityimage'] },
      'UNSUPPORTED tables.0.columns.0: Column "entityimage" of table "contact" is of type image, which no Campaign attribute can hold. Leave it out.',
    ],
    [
      'a column that cannot be read',
      onRecipient([{ column: 'secret', path: '@secret' }]),
      'UNSUPPORTED tables.0.target.fields.0.column: Column "secret" of table "contact" cannot be read. Leave it out.',
    ],
    [
      'a column that is named twice',
      { table: 'contact', columns: ['firstname', 'firstname'] },
      'BAD_USER_INPUT tables.0.columns.1: Column "firstname" is named twice. Name it once.',
    ],
    [
      'a table that is selected twice',
      [{ table: 'contact' }, { table: 'contact' }],
      'BAD_USER_INPUT tables.1.table: Table "contact" is selected twice. Select it once, with all its columns.',
    ],
    [
      'a path that is none',
      onRecipient([{ column: 'firstname', path: "@a' or 1" }]),
      'BAD_USER_INPUT tables.0.target.fields.0.path: Expected a path like "@email" or "location/@city", got "@a\' or 1".',
    ],
    [
      'an attribute of another type',
      onRecipient([{ column: 'firstname', path: '@gender' }]),
      'BAD_USER_INPUT tables.0.target.fields.0.path: "@gender" is a byte and cannot hold the string column "firstname". Name another path, or leave it out to have one made.',
    ],
    [
      'an attribute that Campaign computes',
      onRecipient([{ column: 'firstname', path: '@age' }]),
      'BAD_USER_INPUT tables.0.target.fields.0.path: "@age" is computed by Campaign: use direction TO_DYNAMICS or another path.',
    ],
    [
      'two columns on one path',
      onRecipient([
        { column: 'firstname', path: '@nick' },
        { column: 'lastname', path: '@Nick' },
      ]),
      'BAD_USER_INPUT tables.0.target.fields.1.path: Columns "firstname" and "lastname" both go to "@Nick". Give each a path of its own.',
    ],
    [
      'a path that differs from an attribute by case alone',
      onRecipient([{ column: 'firstname', path: '@firstname' }]),
      'BAD_USER_INPUT tables.0.target.fields.0.path: "@firstname" differs only by case from "firstName", which schema "nms:recipient" has already. Write it like that.',
    ],
    [
      'a column at the key',
      onRecipient([{ column: 'firstname', path: '@crmId' }]),
      'BAD_USER_INPUT tables.0.target.fields.0.path: "@crmId" keeps the Dynamics id: name another path for "firstname".',
    ],
    [
      'a conversion for dates on text',
      onRecipient([{ column: 'firstname', path: '@firstName', conversion: 'DATE_ONLY' }]),
      'BAD_USER_INPUT tables.0.target.fields.0.conversion: Conversion DATE_ONLY is for dates and moments, but column "firstname" is of type string: use DEFAULT or COPY.',
    ],
    [
      'a way back to a column that cannot be written',
      onRecipient([{ column: 'fullname', path: '@full', direction: 'TO_DYNAMICS' }]),
      'BAD_USER_INPUT tables.0.target.fields.0.direction: Column "fullname" cannot be written: use direction TO_CAMPAIGN.',
    ],
    [
      'a key that does not exist',
      onRecipient([], '@externalId'),
      'BAD_USER_INPUT tables.0.target.key: Schema "nms:recipient" has no attribute "@externalId" to keep the Dynamics id in. Leave the key out to have "@crmId" made, or name an attribute that exists.',
    ],
    [
      'a key that is too short for an id',
      onRecipient([], '@account'),
      'BAD_USER_INPUT tables.0.target.key: The key "@account" is a string of 30 characters and cannot hold the uniqueid column "contactid": name a string of 36 characters or more.',
    ],
    [
      'a schema to be made in a reserved namespace',
      { table: 'contact', target: { schema: 'nms:person' } },
      'BAD_USER_INPUT tables.0.target.schema: Campaign has no schema "nms:person", and the namespace "nms" is reserved: name an existing schema, or one to be made such as "cus:person".',
    ],
    [
      'a schema that Campaign itself works by',
      { table: 'contact', target: { schema: 'xtk:operator' } },
      'UNSUPPORTED tables.0.target.schema: "xtk:operator" is a schema that Campaign itself works by, where an import could make operators or settings: name one that holds data such as "nms:recipient", or one to be made such as "cus:operator".',
    ],
    [
      'the schema that lists the mapped tables',
      { table: 'contact', target: { schema: 'mscrm:mscrmSchemadynamicsCRM' } },
      'UNSUPPORTED tables.0.target.schema: "mscrm:mscrmSchemadynamicsCRM" is a schema that Campaign itself works by, where an import could make operators or settings: name one that holds data such as "nms:recipient", or one to be made such as "cus:mscrmSchemadynamicsCRM".',
    ],
    [
      'a name that is none',
      { table: 'contact', target: { schema: 'recipient' } },
      'BAD_USER_INPUT tables.0.target.schema: Expected a schema name like "cus:loyalty", got "recipient".',
    ],
    [
      'two tables on one schema and key',
      [onRecipient([]), { table: 'lead', target: { schema: 'nms:recipient' } }],
      'CONFLICT tables.1.target: Tables "contact" and "lead" would both keep their ids in "@crmId" of "nms:recipient". Name another schema or another key for one of them.',
    ],
    [
      'a second table on a schema made for the first',
      [
        { table: 'contact', target: { schema: 'cus:person' } },
        { table: 'lead', target: { schema: 'cus:person', key: '@leadId' } },
      ],
      'CONFLICT tables.1.target.schema: Schema "cus:person" was made for table "contact". Name another schema for "lead".',
    ],
  ])('%s is refused', (_, selections, expected) => {
    expect(problem(...[selections].flat())).toBe(expected);
  });

  it('names the schema that an extension extends', () => {
    const extension = xml('srcSchema', { namespace: 'cus', name: 'recipient', extendedSchema: 'nms:recipient' });
    const sourceSchemas = new Map([['cus:recipient', extension]]);
    const selections = [{ table: 'contact', target: { schema: 'cus:recipient' } }];
    expect(() => planMapping({ ...input, sourceSchemas, selections })).toThrow(
      '"cus:recipient" is an extension of "nms:recipient": name "nms:recipient" as the target.',
    );
  });

  it('does not take a schema of its own for an extension', () => {
    const sourceSchemas = new Map([['cus:recipient', xml('srcSchema', { namespace: 'cus', name: 'recipient' })]]);
    const selections = [{ table: 'contact', target: { schema: 'nms:recipient' } }];
    expect(() => planMapping({ ...input, sourceSchemas, selections })).toThrow(
      'Attributes of "nms:recipient" would be added in "cus:recipient", but that is a schema of its own.',
    );
  });

  it('is narrowed where a column can go one way only', () => {
    const selections = [onRecipient([{ column: 'fullname', path: '@full', direction: 'BOTH' }])];
    expect(planMapping({ ...input, selections }).mappings[0]?.fields[0]?.direction).toBe('TO_CAMPAIGN');
  });
});

describe('unmapping', () => {
  it('names a table that is not mapped', () => {
    const unmapping = { account: 'dynamicsCRM', tables: ['contact'], existing: [], sourceSchemas: new Map() };
    expect(() => planUnmapping(unmapping)).toThrow('Table "contact" is not mapped for account "dynamicsCRM".');
  });
});
