import { Field, ObjectType, registerEnumType } from 'type-graphql';
import type { Conversion, Direction, FieldMapping, TableMapping } from '../../model/mapping.js';

export enum ConversionEnum {
  DEFAULT = 'DEFAULT',
  DATE_ONLY = 'DATE_ONLY',
  WITHOUT_TIME_OFFSET = 'WITHOUT_TIME_OFFSET',
  COPY = 'COPY',
}
registerEnumType(ConversionEnum, {
  name: 'Conversion',
  description: 'How a value is changed on its way between the systems.',
  valuesConfig: {
    DEFAULT: { description: 'By the types of both sides, moments in UTC.' },
    DATE_ONLY: { description: 'The date without its time.' },
    WITHOUT_TIME_OFFSET: { description: 'By the types of both sides, without a shift of time zone.' },
    COPY: { description: 'As text, as it is.' },
  },
});

export enum DirectionEnum {
  BOTH = 'BOTH',
  TO_CAMPAIGN = 'TO_CAMPAIGN',
  TO_DYNAMICS = 'TO_DYNAMICS',
}
registerEnumType(DirectionEnum, {
  name: 'Direction',
  description: 'Which way a field is synchronized.',
  valuesConfig: {
    BOTH: { description: 'Both ways, by the workflows that there are.' },
    TO_CAMPAIGN: { description: 'From Dynamics to Campaign only.' },
    TO_DYNAMICS: { description: 'From Campaign to Dynamics only.' },
  },
});

@ObjectType('FieldMapping', { simpleResolvers: true, description: 'A Dynamics column tied to a Campaign attribute.' })
class FieldMappingType implements FieldMapping {
  @Field(() => String, { description: 'Logical name of the column.' })
  column!: string;

  @Field(() => String, { description: 'Path of the attribute from the root element, as in @email or location/@city' })
  path!: string;

  @Field(() => ConversionEnum, { description: 'How values are changed on their way.' })
  conversion!: Conversion;

  @Field(() => DirectionEnum, { description: 'Which way values go.' })
  direction!: Direction;
}

@ObjectType('TableMapping', { simpleResolvers: true, description: 'A Dynamics table tied to a Campaign schema.' })
export class TableMappingType implements TableMapping {
  @Field(() => String, { description: 'Name of the external account.' })
  account!: string;

  @Field(() => String, { description: 'Logical name of the table.' })
  table!: string;

  @Field(() => String, { description: 'The Campaign schema, as in nms:recipient.' })
  schema!: string;

  @Field(() => String, { description: 'The attribute that holds the Dynamics id.' })
  key!: string;

  @Field(() => [FieldMappingType], { description: 'The columns and the attributes that they are tied to.' })
  fields!: readonly FieldMapping[];
}
