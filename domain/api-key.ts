import { PAST_THE_API } from './act-messages';

/** What the owner of a key is there for. It stands in the database and in the audit; today every key may do everything. */
export const ROLES = ['analyst', 'admin'] as const;
export type Role = (typeof ROLES)[number];

const LONGEST_NAME = 64;
const NAME = new RegExp(`^[A-Za-z0-9._@-]{1,${LONGEST_NAME}}$`);

/** Who else acts: in the audit no person is to be taken for one of these. */
const RESERVED = ['playbook', 'system', 'machine', 'anonymous', 'operator', PAST_THE_API];

/** Why a key cannot be called so; undefined when it can. */
export function nameProblem(name: string): string | undefined {
  if (RESERVED.some((reserved) => reserved.toLowerCase() === name.toLowerCase())) {
    return `${name} is reserved: in the audit it stands for what no person has done`;
  }
  if (!NAME.test(name)) return `A name has 1 to ${LONGEST_NAME} letters, digits and . _ - @`;
  if (/^\d+$/.test(name)) return 'A name of digits only would be taken for an id';
  return undefined;
}
