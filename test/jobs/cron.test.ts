import { expect, it } from 'vitest';
import { assertCron } from '../../src/jobs/cron.js';

it.each([
  '* * * * *',
  '0 3 * * *',
  '*/15 8-18 * * 1-5',
  '30 2 1,15 jan-jun MON',
  '0 0 * * 7',
  '5/10 * * * *',
  '  0  3 * * *  ',
])('%j is a schedule', (cron) => {
  expect(() => assertCron(cron)).not.toThrow();
});

it.each([
  ['', 'it has 0 fields'],
  ['0 3 * *', 'it has 4 fields'],
  ['0 0 3 * * *', 'it has 6 fields'],
  ['60 3 * * *', '"60" is no minute (0 to 59)'],
  ['0 24 * * *', '"24" is no hour (0 to 23)'],
  ['0 3 0 * *', '"0" is no day of month (1 to 31)'],
  ['0 3 * 13 *', '"13" is no month (1 to 12)'],
  ['0 3 * * funday', '"funday" is no day of week (0 to 7)'],
  ['0 3 * * 5-1', '"5-1" is no day of week (0 to 7)'],
  ['*/0 3 * * *', '"*/0" is no minute (0 to 59)'],
  ['1,,2 3 * * *', '"1,,2" is no minute (0 to 59)'],
  ['@daily', 'it has 1 fields'],
])('%j is refused: %s', (cron, why) => {
  const refusal = { code: 'BAD_USER_INPUT', field: 'input.schedule', message: expect.stringContaining(why) };
  expect(() => assertCron(cron)).toThrow(expect.objectContaining(refusal));
});

it('a refusal gives an example', () => {
  expect(() => assertCron('daily')).toThrow('"30 2 * * 1-5" for half past two on weekdays');
});
