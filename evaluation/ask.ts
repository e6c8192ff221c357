import { failed, notSent, notSetUp, outcomeOf, type Outcome } from '../activities/outcome';
import { createProviders, providerSettings } from '../activities/providers';
import { ProviderError } from '../activities/providers/errors';
import type { Provider } from '../activities/providers/provider';
import { lookupKey, questionsOf, type Question } from '../activities/questions';
import type { Finding } from '../domain/enrichment';
import type { GuardIndex } from '../domain/guard-index';
import { observableId, type ObservableId } from '../domain/observable';
import type { CaseFacts } from '../domain/playbook';
import { playbookFor } from '../domain/playbooks';
import type { Policy } from '../domain/policy';
import type { Case, CaseAnswers } from './case';
import { EvaluationError } from './errors';
import { iocSource } from './iocs';

/** The loopback services ask for none, but a source without a key is not set up. */
const KEY = 'any-key-will-do-here';
export const ROUND = 1;

/** The sources as a case has them, asking at `url` instead of the services' own addresses. */
export function providersOf({ virustotal, abuseipdb, iocs }: CaseAnswers, url: string): Provider[] {
  const settings = providerSettings({
    VIRUSTOTAL_API_KEY: virustotal === 'not_configured' ? '' : KEY,
    VIRUSTOTAL_URL: url,
    GEOIP_URL: url,
    ABUSEIPDB_API_KEY: abuseipdb === undefined ? '' : KEY,
    ABUSEIPDB_URL: url,
  });
  return createProviders(settings, { store: { iocs: iocSource(iocs) }, simulated: false });
}

/** A case before anybody was asked. */
export function factsOf({ alerts, observables, earlier, site, now }: Case): CaseFacts {
  return { alerts, observables, findings: [], told: [], earlier, site, now };
}

/**
 * What the sources find in the first round of a case: the lookups that a worker would make, through the sources' own code.
 * @throws EvaluationError when a document of the case is none that the service could have sent
 */
export async function findingsOf(
  subject: Case,
  providers: readonly Provider[],
  lists: Pick<GuardIndex, 'hits'>,
  policy: Policy,
): Promise<Finding[]> {
  const questions = questionsOf({ providers, lists }, policy, factsOf(subject), playbookFor(subject.playbook));
  return Promise.all(
    questions.map(async (question) => {
      const source = question.provider.name;
      const observable = observableId(question.observable);
      const { state, summary, facts, until, error } = await outcome(question, subject.now);
      if (error && documentOf(subject.answers, source, observable)) {
        throw new EvaluationError([`${subject.file}: ${subject.id}: ${source}.${observable}: ${summary}`]);
      }
      const evidence = lookupKey(ROUND, source, observable);
      return { source, observable, state, summary, facts, until, evidence, at: subject.now };
    }),
  );
}

async function outcome({ provider, observable, held }: Question, now: string): Promise<Outcome> {
  if (held) return notSent(provider, held);
  if (!provider.configured) return notSetUp(provider);
  const context = { signal: new AbortController().signal, now: () => new Date(now) };
  try {
    return outcomeOf(await provider.lookup(observable, context));
  } catch (error) {
    if (error instanceof ProviderError) return failed(provider, error);
    throw error;
  }
}

/** True when the case has a document there, so that nothing may go wrong with it. */
function documentOf(answers: CaseAnswers, source: string, observable: ObservableId): boolean {
  const given: Record<string, unknown> = { ...answers };
  const ofSource = given[source] as Partial<Record<ObservableId, unknown>> | string | undefined;
  return typeof ofSource === 'object' && typeof ofSource[observable] === 'object';
}
