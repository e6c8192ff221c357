import type { Format } from '../../format';
import { abnormal } from './abnormal';
import { amavis, mailScanner } from './filters';
import { rfc822 } from './message';
import { mimecast } from './mimecast';
import { proofpoint } from './proofpoint';
import { sublime } from './sublime';

/** Gateways and filters of mail, and mails themselves. */
export const MAIL: readonly Format[] = [rfc822, proofpoint, mimecast, abnormal, sublime, amavis, mailScanner];
