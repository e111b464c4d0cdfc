import type {
  ColumnDefinition,
  OptionDefinition,
  TableDefinition,
  TablesFile,
} from '../mocks/dynamics/table-definitions.js';

/** Columns of each table. */
export const COLUMNS = 27;

/**
 * An organization as a large customer has it, in the form that `npm run mocks -- --tables FILE` takes: so many tables of 27 columns each,
 * with texts, numbers, dates, choices with eight options, an owner, and lookups to one table and to two others.
 */
export function largeOrganization(tables: number): TablesFile {
  return { tables: Array.from({ length: tables }, (_, at) => tableOf(at, tables)) };
}

function tableOf(at: number, tables: number): TableDefinition {
  const logicalName = nameOf(at);
  return {
    logicalName,
    setName: `${logicalName}s`,
    label: `Large Table ${at}`,
    description: `Holds the records of kind ${at} that the bench reads.`,
    primaryId: `${logicalName}id`,
    primaryName: 'new_name',
    objectTypeCode: 20_000 + at,
    ownership: 'UserOwned',
    isCustom: true,
    columns: [
      { name: `${logicalName}id`, type: 'Uniqueidentifier', label: `Large Table ${at}`, required: 'SystemRequired' },
      { name: 'new_name', type: 'String', label: 'Name', maxLength: 100, required: 'ApplicationRequired' },
      ...lookups(at, tables),
      ...Array.from({ length: COLUMNS - 5 }, (_, number) => plainColumn(at, number)),
    ],
  };
}

/** To the table before, and to one of the two before that: every table is reached from another. */
function lookups(at: number, tables: number): readonly ColumnDefinition[] {
  const to = (back: number, column: string) => {
    const table = nameOf((at + tables - back) % tables);
    return { table, navigation: `${column}_${table}`, collection: `${nameOf(at)}_${column}_${table}` };
  };
  return [
    { name: 'new_parentid', type: 'Lookup', label: 'Parent', targets: [to(1, 'new_parentid')] },
    {
      name: 'new_regardingid',
      type: 'Lookup',
      label: 'Regarding',
      targets: [to(2, 'new_regardingid'), to(3, 'new_regardingid')],
    },
    {
      name: 'ownerid',
      type: 'Owner',
      label: 'Owner',
      targets: ['systemuser', 'team'].map((table) => ({
        table,
        navigation: 'ownerid',
        collection: `${table}_${nameOf(at)}`,
      })),
    },
  ];
}

function plainColumn(at: number, number: number): ColumnDefinition {
  const type = TYPES[number % TYPES.length] ?? 'String';
  return {
    name: `new_${type.toLowerCase()}${number}`,
    type,
    label: `${type} ${number} of Table ${at}`,
    description: `What is told of column ${number} in kind ${at}, as a consultant would describe it in half a line.`,
    ...(type === 'String' && { maxLength: 100 + number }),
    ...(type === 'Memo' && { maxLength: 2_000 }),
    ...(type === 'Picklist' && { options: OPTIONS }),
  };
}

const TYPES = [
  ...(['String', 'String', 'Picklist', 'DateTime', 'Boolean', 'Integer', 'String', 'Money', 'Memo'] as const),
  ...(['Decimal', 'String'] as const),
];

const OPTIONS: readonly OptionDefinition[] = Array.from({ length: 8 }, (_, at) => ({
  value: 727_000_000 + at,
  label: `Option ${at + 1}`,
}));

function nameOf(at: number): string {
  return `new_large${at}`;
}
