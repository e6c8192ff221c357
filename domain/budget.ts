import { ASKABLE_OUTSIDE, observableId, staysInside, type Observable, type ObservableId } from './observable';

/** More would spend a day's quota on one incident. */
export const MOST_ASKED_OUTSIDE = 20;

export interface OutsideBudget {
  /** What sources outside may be asked about, and all that concerns only those inside. */
  asked: Observable[];
  /** What no source outside is asked about, for want of quota. */
  cut: Observable[];
}

/** Shares out what may be asked outside in the playbook's order; sources inside are asked about all. */
export function outsideBudget(planned: readonly Observable[]): OutsideBudget {
  const outside = planned.filter((one) => ASKABLE_OUTSIDE.includes(one.type) && !staysInside(one));
  const cut = outside.slice(MOST_ASKED_OUTSIDE);
  const beyond = new Set<ObservableId>(cut.map(observableId));
  return { asked: planned.filter((one) => !beyond.has(observableId(one))), cut };
}
