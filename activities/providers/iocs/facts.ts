import type { ObservableType } from '../../../domain/observable';

/** An entry of our own database that covers an observable, with everything its decay is computed from. */
export interface IocMatch {
  type: ObservableType;
  value: string;
  match: 'exact' | 'cidr' | 'parent_domain' | 'url_host';
  /** As first given; what it is worth today is a matter of policy. */
  confidence: number;
  lastSeen: string;
  expiresAt: string | null;
  sightings: IocSighting[];
}

export interface IocSighting {
  source: string;
  confidence: number;
  first_seen: string;
  last_seen: string;
  expires_at: string | null;
  tlp: string | null;
  tags: string[];
  reference: string | null;
}

export interface IocFacts {
  matches: IocMatch[];
}
