import type { Format } from '../format';
import { AUTH } from './auth';
import { CLOUDS } from './clouds';
import { ENDPOINT } from './endpoint';
import { HOSTS } from './hosts';
import { windowsEvent } from './hosts/windows-event';
import { IDENTITY } from './identity';
import { MAIL } from './mail';
import { MICROSOFT } from './microsoft';
import { NETWORK } from './network';
import { SIEM } from './siem';

/** Formats of single products, the most particular first where two could take the same document. */
export const PRODUCTS: readonly Format[] = [
  ...HOSTS,
  ...SIEM,
  ...NETWORK,
  ...MAIL,
  ...CLOUDS,
  ...ENDPOINT,
  ...IDENTITY,
  ...AUTH,
  ...MICROSOFT,
  windowsEvent,
];
