import { text } from 'node:stream/consumers';
import type { Session } from './session';

/** The lines of standard input that say something; what begins with # is a remark. */
export async function piecesOf(session: Pick<Session, 'stdin'>): Promise<string[]> {
  const lines = (await text(session.stdin())).split(/\r?\n/).map((line) => line.trim());
  return lines.filter((line) => line !== '' && !line.startsWith('#'));
}
