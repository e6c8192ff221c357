import { type Format } from './format';

/** Fields found by name and shape: the net under all formats. */
export const generic: Format = {
  name: 'generic',
  title: 'Any JSON or text',
  understand: () => undefined,
};
