import type { CodegenConfig } from '@graphql-codegen/cli';

/** Reads the graph that a gateway serves where ISTHMUS_URL names one, else the file of this repository. */
const url = process.env.ISTHMUS_URL;

export default {
  schema: url === undefined ? '../../schema.graphql' : new URL('/schema.graphql', url).href,
  documents: 'src/**/*.ts',
  // Imports end in .js, as Node's modules do.
  emitLegacyCommonJSImports: false,
  generates: {
    'src/generated/': {
      preset: 'client',
      // Documents are texts: the client sends them as they are and needs no GraphQL library.
      config: {
        documentMode: 'string',
        useTypeImports: true,
        enumsAsTypes: true,
        scalars: {
          BigInt: { input: 'number | string', output: 'number | string' },
          Date: 'string',
          DateTime: 'string',
          JSON: 'unknown',
        },
        defaultScalarType: 'unknown',
      },
      presetConfig: { fragmentMasking: false },
    },
  },
} satisfies CodegenConfig;
