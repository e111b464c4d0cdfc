import { defineConfig } from 'vitest/config';

/** Tests that touch the database run a second time on a real PostgreSQL where one is named. */
const postgresql = process.env.TEST_DATABASE_URL;

export default defineConfig({
  // Node takes graphql's CommonJS entry, Vite would take the ES module beside it: two copies that do not know each other's types.
  resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
  test: {
    setupFiles: ['test/support/setup.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: { name: 'pglite', include: ['test/**/*.test.ts'], env: { TEST_DATABASE_URL: '' } },
      },
      ...(postgresql
        ? [
            {
              extends: true as const,
              test: {
                name: 'postgresql',
                include: ['test/{storage,jobs,sync,admin,api}/**/*.test.ts', 'test/catch-up.test.ts'],
                env: { TEST_DATABASE_URL: postgresql },
              },
            },
          ]
        : []),
    ],
  },
});
