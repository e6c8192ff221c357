import { EXIT, UsageError, type ExitCode } from '../errors';
import type { Session } from '../session';

/** `soar note`: adds a line to the analyst's notes, or replaces them. The old text stays in the audit trail. */
export async function noteCommand(
  session: Session,
  incidentId: string,
  words: string[],
  { replace = false }: { replace?: boolean },
): Promise<ExitCode> {
  const given = words.length === 1 && words[0] === '-' ? (await session.readStdin()).toString('utf8') : words.join(' ');
  const text = given.trim();
  if (!text && !replace) throw new UsageError('The note is empty.', 'To clear the notes: soar note INC-… --replace ""');
  const client = await session.client();
  const incident = await client.addNote(incidentId, text, { replace });
  const { out } = session;
  if (out.json) out.data(incident);
  else out.line(`Noted in ${incident.id} (version ${incident.version}).`);
  return EXIT.ok;
}
