import { ALERT_TYPES, type Alert, type AlertType, type Classification } from './alert';
import { CLASSIFICATION_RULES, type ClassificationRule } from './classify-rules';
import { firstMatch } from './first-match';
import { isPublicIp } from './network';
import type { Severity } from './severity';

/** Below this, the evidence for a type is too thin to start its playbook. */
const ENOUGH = 0.5;
/** Only the source itself can be certain. */
const MOST = 0.95;

function techniqueHit(rule: ClassificationRule, alert: Alert): string | undefined {
  if (!('techniques' in rule)) return undefined;
  return alert.mitre?.find((id) => rule.techniques.some((known) => id === known || id.startsWith(`${known}.`)));
}

function textHit(rule: ClassificationRule, alert: Alert): string | undefined {
  if (!('words' in rule)) return undefined;
  const texts = { rule: alert.rule_name, title: alert.title, tags: alert.tags?.join(' '), text: alert.description };
  return firstMatch([texts[rule.where]], rule.words);
}

/** Why the rule applies to the alert, or undefined. */
function reasonOf(rule: ClassificationRule, alert: Alert): string | undefined {
  if ('fields' in rule) return rule.fields(alert) ? rule.reason : undefined;
  const hit = techniqueHit(rule, alert) ?? textHit(rule, alert);
  return hit === undefined ? undefined : `${rule.reason}: ${hit.trim()}`;
}

function weigh(type: AlertType, alert: Alert): Classification {
  const hits = CLASSIFICATION_RULES.filter((rule) => rule.type === type).flatMap((rule) => {
    const reason = reasonOf(rule, alert);
    return reason === undefined ? [] : [{ reason, confidence: rule.confidence }];
  });
  const doubt = hits.reduce((left, hit) => left * (1 - hit.confidence), 1);
  const confidence = Math.round(Math.min(MOST, 1 - doubt) * 100) / 100;
  return { alert_type: type, confidence, reasons: hits.map(({ reason }) => reason) };
}

function given(alert: Alert): Classification | undefined {
  if (alert.alert_type === undefined) return undefined;
  if (alert.alert_type !== 'unclassified') {
    return { alert_type: alert.alert_type, confidence: 1, reasons: [`${alert.source} says so`] };
  }
  // Filed so by its source, or because no format claims its document.
  const reasons = ['it is filed as unclassified, so no type is guessed; set one to start its playbook'];
  return { alert_type: 'unclassified', confidence: 0, reasons };
}

function accusedAddress(alert: Alert): string | undefined {
  return [alert.src_ip, alert.dest_ip].find((ip) => ip !== undefined && isPublicIp(ip));
}

/** The alert as it is filed: of the type that was found, of medium severity where nothing tells one. */
export function filedAs<T extends Classification['alert_type']>(
  alert: Alert,
  alert_type: T,
): Alert & { alert_type: T; severity: Severity } {
  return { ...alert, alert_type, severity: alert.severity ?? 'medium' };
}

/**
 * Which playbook an alert goes to, and why: the source's own word, else the type with the most evidence in technique
 * ids, rule name, title, tags, description and fields, else `suspicious_ip` when a public address is accused, else
 * `unclassified`.
 */
export function classify(alert: Alert): Classification {
  const own = given(alert);
  if (own) return own;
  const [best] = ALERT_TYPES.map((type) => weigh(type, alert)).sort((a, b) => b.confidence - a.confidence);
  if (best && best.confidence >= ENOUGH) return best;
  const accused = accusedAddress(alert);
  if (accused !== undefined) {
    const reasons = [`nothing names another type, and the public address ${accused} is accused`];
    return { alert_type: 'suspicious_ip', confidence: 0.4, reasons };
  }
  return { alert_type: 'unclassified', confidence: 0, reasons: ['nothing in the alert tells its type'] };
}
