import type { IocMatch } from '../../../db/repositories/iocs';

/** The entries of our own database that cover an observable, with everything their decay is computed from. */
export interface IocFacts {
  matches: IocMatch[];
}
