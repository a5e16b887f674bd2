import { expect, test } from 'vitest';
import { besideOf, joined, nearness, sharedNames } from '../../../../src/learning/slots/value-company.ts';

test('names are compared whole and whatever their case, numbers as numbers', () => {
  const company = [besideOf(['def _print_mod(self)', '120,140p'])];
  expect(sharedNames(besideOf(['_PRINT_MOD']), company)).toBe(1);
  expect(sharedNames(besideOf(['_print_mod other_name']), company)).toBe(0.5);
  expect(sharedNames(besideOf(['_print']), company)).toBe(0);
  expect(nearness(besideOf(['0140d']), company)).toBe(1);
});

test('the nearer a line the more it speaks; small numbers and far ones say nothing', () => {
  const company = [besideOf(['1200,1230p']), besideOf(['40'])];
  const near = nearness(besideOf(['1235d']), company);
  expect(near).toBeGreaterThan(nearness(besideOf(['1180d']), company));
  expect(nearness(besideOf(['1180d']), company)).toBeGreaterThan(0);
  expect(nearness(besideOf(['1300d']), company)).toBe(0);
  expect(nearness(besideOf(['50']), company)).toBe(0);
});

test('nothing told and no company say nothing', () => {
  expect(sharedNames(besideOf([]), [besideOf(['name'])])).toBe(0);
  expect(sharedNames(besideOf(['name 7']), [])).toBe(0);
  expect(nearness(besideOf(['7']), [])).toBe(0);
});

test('only so much is kept, of a long value and of many commands', () => {
  const long = Array.from({ length: 10_000 }, (_, i) => `name${i}`).join(' ');
  const { names, numbers } = besideOf([long, long, '1', '2']);
  expect(names.size + numbers.length).toBeLessThanOrEqual(40);
  let company = joined([], besideOf(['oldest']));
  for (let i = 0; i < 10; i += 1) company = joined(company, besideOf([`newer${i}`]));
  expect(company).toHaveLength(4);
  expect(sharedNames(besideOf(['oldest']), company)).toBe(0);
  expect(sharedNames(besideOf(['newer9']), company)).toBe(1);
});
