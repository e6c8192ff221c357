import { TLP_LABELS, type Tlp } from '../../alert';
import { isObject } from '../../is-object';
import { readTlp } from '../../tlp';

/** The markings of TLP 2.0 as OASIS has published them; their ids and dates are theirs. */
export const TLP_MARKING_IDS: Readonly<Record<Tlp, string>> = {
  clear: 'marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487',
  green: 'marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb',
  amber: 'marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421',
  'amber+strict': 'marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003',
  red: 'marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1',
};

/** Those of TLP 1.0, which the standard itself defines. */
const OLD_MARKINGS: Readonly<Record<string, Tlp>> = {
  'marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9': 'clear',
  'marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da': 'green',
  'marking-definition--f88d31f6-486f-44da-b317-01333bde0b82': 'amber',
  'marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed': 'red',
};

const EXTENSION = 'extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d';

/** The object that a bundle holds for a label it uses. */
export function tlpMarking(label: Tlp): Record<string, unknown> {
  return {
    type: 'marking-definition',
    spec_version: '2.1',
    id: TLP_MARKING_IDS[label],
    created: '2022-10-01T00:00:00.000Z',
    name: `TLP:${label.toUpperCase()}`,
    extensions: { [EXTENSION]: { extension_type: 'property-extension', tlp_2_0: label } },
  };
}

/** Enough for any bundle, and few enough to be held. */
const MOST_OWN = 1000;

/** Knows which markings are traffic lights: those of the standards, and those that a document defines. */
export class TlpMarkings {
  private readonly labels = new Map<string, Tlp>([
    ...TLP_LABELS.map((label) => [TLP_MARKING_IDS[label], label] as const),
    ...Object.entries(OLD_MARKINGS),
  ]);

  /** Of markings that are defined and are no traffic lights. */
  private readonly others = new Set<string>();

  /** Remembers a marking definition that is a traffic light. */
  define(marking: Record<string, unknown>): void {
    const { id, definition, extensions, name } = marking;
    const extension = isObject(extensions) ? extensions[EXTENSION] : undefined;
    const label = (isObject(extension) && extension['tlp_2_0']) || (isObject(definition) && definition['tlp']);
    // OpenCTI says it in the name
    const named = typeof name === 'string' && /^tlp:/i.test(name) ? readTlp(name) : undefined;
    const known = typeof label === 'string' ? readTlp(label) : named;
    if (typeof id !== 'string' || this.knows(id) || this.labels.size + this.others.size >= MOST_OWN) return;
    if (known) this.labels.set(id, known);
    else this.others.add(id);
  }

  /** False for a marking that may be defined later on. */
  knows(markingId: unknown): boolean {
    return typeof markingId !== 'string' || this.labels.has(markingId) || this.others.has(markingId);
  }

  /** The labels of markings; what is no traffic light is left out. */
  labelsOf(markingIds: readonly unknown[]): Tlp[] {
    return markingIds.flatMap((id) => (typeof id === 'string' ? (this.labels.get(id) ?? []) : []));
  }
}
