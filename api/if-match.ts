import type { IncidentRow } from '../db/store';
import { includesVersion, versionsOf } from './etag';
import { Problem } from './problems';

/**
 * The version that a change is made on, when the caller names one; whether it still holds is checked again where the change
 * is made.
 * @throws Problem 412
 */
export function ifVersion(incident: IncidentRow, ifMatch: string | undefined): number | undefined {
  if (ifMatch === undefined) return undefined;
  const condition = versionsOf(ifMatch);
  if (!includesVersion(condition, incident.version)) throw versionMismatch(incident.id);
  return condition === 'any' ? undefined : incident.version;
}

export function versionMismatch(id: string): Problem {
  return new Problem('version-mismatch', `${id} is not at the version that If-Match names; read it again.`);
}
