import { describe, expect, it } from 'vitest';
import { CommandLineError, parseCommandLine } from '../../mocks/command-line.js';

describe('the command line of the mocks', () => {
  it('has a default for every flag', () => {
    expect(parseCommandLine([])).toEqual({
      host: '127.0.0.1',
      ports: { dynamics: 4010, entra: 4011, campaign: 4020 },
      contacts: 1000,
      seed: 1,
      latency: 0,
      tables: undefined,
      state: undefined,
      tls: false,
      keysAsSegments: false,
    });
  });

  it('takes every flag', () => {
    const flags =
      '--contacts 50 --seed=7 --tables t.json --latency 80 --port 5000 --host 0.0.0.0 --state .data/mocks --tls --keys-as-segments'.split(
        ' ',
      );
    expect(parseCommandLine(flags)).toEqual({
      host: '0.0.0.0',
      ports: { dynamics: 5000, entra: 5001, campaign: 5010 },
      contacts: 50,
      seed: 7,
      latency: 80,
      tables: 't.json',
      state: '.data/mocks',
      tls: true,
      keysAsSegments: true,
    });
  });

  it('takes port 0 for any free ports', () => {
    expect(parseCommandLine(['--port', '0'])).toMatchObject({ ports: { dynamics: 0, entra: 0, campaign: 0 } });
  });

  it('asks for help', () => {
    expect(parseCommandLine(['--seed', '3', '--help'])).toBe('help');
  });

  it.each([
    [['--contcats', '5'], 'There is no flag --contcats; there are --contacts, --seed,'],
    [['-p', '5'], 'There is no flag -p;'],
    [['--verbose=true'], 'There is no flag --verbose;'],
    [['--contacts', 'many'], 'Expected --contacts to be a whole number from 0 to 1000000, not "many".'],
    [['--port', '65530'], 'Expected --port to be a whole number from 0 to 65525, not "65530".'],
    [['--latency', '1.5'], 'Expected --latency to be a whole number'],
    [['--seed'], '--seed'],
    [['start'], 'start'],
  ])('refuses %j by name', (flags, message) => {
    expect(() => parseCommandLine(flags)).toThrow(CommandLineError);
    expect(() => parseCommandLine(flags)).toThrow(message);
  });
});
