import { registerEnumType } from 'type-graphql';

/** What a mutation did to the thing it returns. */
export enum Outcome {
  CREATED = 'CREATED',
  UPDATED = 'UPDATED',
  UNCHANGED = 'UNCHANGED',
}

registerEnumType(Outcome, {
  name: 'Outcome',
  description: 'What a mutation did: a repeated mutation leaves things UNCHANGED.',
  valuesConfig: {
    CREATED: { description: 'It was not there, and was made.' },
    UPDATED: { description: 'It was there, and was changed.' },
    UNCHANGED: { description: 'It was so already.' },
  },
});
