import { describe, expect, it, vi } from 'vitest';
import type { MetadataChanges } from '../../src/connectors/connector.js';
import { look, type Source } from '../../src/metadata/look.js';

interface Thing {
  readonly name: string;
  readonly size: number;
}

const thing = (name: string, size = 1): Thing => ({ name, size });

/** A remote that has these things, and says that those named have changed. */
function remote(things: readonly Thing[], changed: MetadataChanges['changed']) {
  const asked: string[] = [];
  return {
    asked,
    connector: {
      metadataChanges: async () => ({ mark: 'next', changed }),
      summaries: async () => {
        asked.push('summaries');
        return things;
      },
      introspect: async (names: readonly string[]) => {
        asked.push(names.join());
        return things.filter(({ name }) => names.includes(name));
      },
    },
  };
}

function lookAt(facts: Pick<Source<Thing, Thing>, 'connector'> & Partial<Source<Thing, Thing>>) {
  const source = { known: [], mark: 'last', wanted: [], isFirst: false, ...facts };
  return look<Thing, Thing>({ ...source, nameOf: ({ name }) => name }, {});
}

describe('a look', () => {
  it('reads nothing where nothing has changed', async () => {
    const { connector, asked } = remote([thing('a')], []);
    expect(await lookAt({ connector, known: [thing('a')] })).toEqual({ mark: 'next', described: [], gone: [] });
    expect(asked).toEqual([]);
  });

  it('reads what has changed of what is known, and nothing else', async () => {
    const { connector, asked } = remote([thing('a', 2), thing('b'), thing('c', 2)], ['a', 'b', 'c']);
    const found = await lookAt({ connector, known: [thing('a'), thing('b')] });
    expect(found).toEqual({ mark: 'next', described: [thing('a', 2)], gone: [] });
    expect(asked).toEqual(['a,b']);
  });

  it('reads all that is known where nobody can tell what has changed', async () => {
    const { connector } = remote([thing('a'), thing('b', 2)], null);
    expect((await lookAt({ connector, known: [thing('a'), thing('b')] })).described).toEqual([thing('b', 2)]);
  });

  it('finds that something is gone', async () => {
    const { connector } = remote([], ['a']);
    expect((await lookAt({ connector, known: [thing('a')] })).gone).toEqual(['a']);
  });

  it('asks for what is named and not known at first, and again when it has changed', async () => {
    const { connector, asked } = remote([], ['c']);
    const wanted = ['a', 'b', 'c'];
    await lookAt({ connector, known: [thing('a')], wanted, isFirst: true });
    await lookAt({ connector, known: [thing('a')], wanted });
    expect(asked).toEqual(['b,c', 'c']);
  });

  it('lists everything at first where all is wanted, and takes up what is new then', async () => {
    const { connector, asked } = remote([thing('a'), thing('b')], ['b']);
    await lookAt({ connector, known: [thing('a')], wanted: '*', isFirst: true });
    expect(asked).toEqual(['summaries', 'b']);
    const found = await lookAt({ connector, known: [thing('a')], wanted: '*' });
    expect([asked.slice(2), found.described]).toEqual([['b'], [thing('b')]]);
  });

  it('reads a hundred at a time, and prepares once before', async () => {
    const things = Array.from({ length: 250 }, (_, at) => thing(`t${at}`));
    const { connector, asked } = remote(things, null);
    const prepare = vi.fn(async () => undefined);
    expect((await lookAt({ connector, wanted: '*', prepare })).described).toHaveLength(250);
    expect([asked.length, prepare.mock.calls.length]).toEqual([4, 1]);
  });
});
