import { expect, test } from 'vitest';
import { formatSummary, parseSummary } from '../../../src/core/record/summary.ts';

test.each(['Firefox', '', null, 'line\nbreak "quoted" \u0000'])('a summary keeps the device %j', (device) => {
  expect(parseSummary(formatSummary({ device }))).toEqual({ device });
});

test.each(['', 'null', '[]', '5', '{', '{"device":{}}', '{"device":5}', '{"other":true}'])(
  'the text %j has no device, and hides no session',
  (text) => {
    expect(parseSummary(text)).toEqual({ device: null });
  },
);
