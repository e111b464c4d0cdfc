import { describe, expect, it } from 'vitest';
import { chooseLanguage, labelsIn } from '../../src/model/labels.js';
import { anOptionSet } from '../support/builders.js';

const STATES = {
  ...anOptionSet({ 0: 'Active', 1: 'Inactive' }, 'state'),
  language: 'en-US',
  translations: { 'fr-FR': ['Actif', null], 'zh-TW': ['使用中', '非使用中'] },
};

describe('the language of labels', () => {
  it.each<[readonly string[], string | null]>([
    [['fr-FR'], 'fr-FR'],
    [['FR-fr'], 'fr-FR'],
    [['fr'], 'fr-FR'],
    [['fr-CH', 'en'], 'fr-FR'],
    [['de', 'en-GB', 'fr'], 'en-US'],
    [['zh-Hant'], 'zh-TW'],
    [['zh-HK'], 'zh-TW'],
    [['zh-CN', 'zh'], null],
    [['sv', 'da'], null],
    [[], null],
  ])('is, for who reads %j, %s', (wanted, chosen) => {
    expect(chooseLanguage(['en-US', 'fr-FR', 'zh-TW'], wanted)).toBe(chosen);
  });

  it('is that of the wanted region where several are there', () => {
    expect(chooseLanguage(['pt-BR', 'pt-PT'], ['pt-PT'])).toBe('pt-PT');
    expect(chooseLanguage(['pt-PT', 'pt-BR'], ['pt-AO'])).toBe('pt-PT');
  });

  it('gives every option its label, that of Dynamics where it is not translated', () => {
    expect([...(labelsIn(STATES, ['fr']) ?? [])]).toEqual([
      [0, 'Actif'],
      [1, 'Inactive'],
    ]);
  });

  it('changes nothing where it is that of Dynamics, or not known', () => {
    expect(labelsIn(STATES, ['en', 'fr'])).toBeNull();
    expect(labelsIn(STATES, ['sv'])).toBeNull();
    expect(labelsIn(anOptionSet({ 0: 'Active' }), ['fr'])).toBeNull();
  });

  it('is worked out once for the readers of one list of languages', () => {
    const languages = ['fr'];
    expect(labelsIn(STATES, languages)).toBe(labelsIn(STATES, languages));
  });
});
