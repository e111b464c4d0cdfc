import { readFileSync } from 'node:fs';
import {
  buildSchema,
  type GraphQLNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
} from 'graphql';
import { expect, it } from 'vitest';

it('every type, field, argument and value of schema.graphql is described', () => {
  const schema = buildSchema(readFileSync('schema.graphql', 'utf8'));
  const types = Object.values(schema.getTypeMap()).filter(({ name }) => !name.startsWith('__'));
  expect(types.flatMap(undescribed)).toEqual([]);
});

/** What of a type has no description, by its path. */
function undescribed(type: GraphQLNamedType): readonly string[] {
  return parts(type).flatMap(([path, { description }]) => (description?.trim() ? [] : [path]));
}

type Part = readonly [path: string, { readonly description?: string | null | undefined }];

function parts(type: GraphQLNamedType): readonly Part[] {
  const self: Part = [type.name, type];
  if (isEnumType(type)) return [self, ...type.getValues().map((value): Part => [`${type.name}.${value.name}`, value])];
  if (isInputObjectType(type))
    return [self, ...Object.values(type.getFields()).map((field): Part => [`${type.name}.${field.name}`, field])];
  if (!isObjectType(type) && !isInterfaceType(type)) return [self];
  const fields = Object.values(type.getFields()).flatMap((field): readonly Part[] => [
    [`${type.name}.${field.name}`, field],
    ...field.args.map((argument): Part => [`${type.name}.${field.name}(${argument.name})`, argument]),
  ]);
  return [self, ...fields];
}
