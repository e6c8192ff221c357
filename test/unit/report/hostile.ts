import type { Signal } from '../../../domain/signal';
import type { Assessment } from '../../../domain/verdict';

/** Texts an attacker could put into an alert, or a provider into an answer. */
export const HOSTILE = {
  script: '<script>window.pwned = 1</script>',
  image: '"><img src="http://collector.example/x.png" onerror="window.pwned = 2">',
  attribute: `' onmouseover='window.pwned = 3' x="`,
  style: '</style><style>body { display: none }</style>',
  template: '{{#each this}}{{{constructor}}}{{/each}}',
  refresh: '<meta http-equiv="refresh" content="0;url=http://collector.example/">',
  comment: '--></title><!-- <svg/onload=window.pwned=4>',
  reversed: 'invoice\u202efdp.exe',
  link: 'http://user:pw@login.evil.example/verify?id=1',
  /** What Markdown would make links, pictures, mentions, references and tables of. */
  markdown: '[pay](http://collector.example) ![x](//collector.example/x.png) <http://collector.example>',
  mention: '@everyone @soc/oncall #123 !7 SEC-1 a@collector.example www.collector.example collector.com :boom: [^1]',
  table: 'a | b \\| c ||',
  code: '` @here [a](http://collector.example) ``` ~~~ $x$ **bold** _it_ &lt;b&gt; \\` @here',
} as const;

export const SIGNALS: Signal[] = [
  {
    source: 'virustotal',
    name: 'engines_malicious',
    level: 'high',
    points: 65,
    reliability: 'B',
    evidence: '1/virustotal/ip:185.220.101.1',
    observable: 'ip:185.220.101.1',
    numbers: { malicious: 12, engines: 91 },
    sentence: '12 of 91 engines call it malicious; 10 make it high',
  },
  {
    source: 'iocs',
    name: 'known_ioc',
    level: 'critical',
    points: 88,
    reliability: 'B',
    evidence: '1/iocs/ip:185.220.101.1',
    observable: 'ip:185.220.101.1',
    sentence: `Listed as Tor exit by ${HOSTILE.script}`,
  },
  {
    source: 'playbook',
    name: 'privileged_account',
    level: 'low',
    points: 10,
    reliability: 'C',
    evidence: '1/score',
    sentence: 'The account administrator is privileged',
  },
];

/** A malicious one with everything in it. */
export function hostileAssessment(): Assessment {
  return {
    verdict: 'malicious',
    score: 92,
    complete: false,
    missing: [
      {
        source: 'virustotal',
        observable: 'domain:login.evil.example',
        state: 'waiting',
        reason: `The quota of the day is spent ${HOSTILE.image}`,
        until: '2026-11-24T00:00:00.000000Z',
      },
      {
        source: 'geoip',
        observable: 'ip:185.220.101.1',
        state: 'failed',
        reason: 'No answer in 15 minutes',
        until: null,
      },
    ],
    signals: SIGNALS,
    guards: [
      {
        observable: 'ip:9.9.9.9',
        list: 'public-dns',
        version: '2026-11',
        kind: 'benign',
        cap: 15,
        reason: `A public DNS resolver ${HOSTILE.attribute}`,
      },
    ],
    clean: [],
    ledger: [
      { rule: 'noisy_or', text: 'Three signals combine to 92', numbers: { score: 92, signals: 3 } },
      { rule: 'malicious_from', text: `92 reaches 70 ${HOSTILE.template}`, numbers: { score: 92, threshold: 70 } },
    ],
    explanation: `Malicious: the address is a known attacker and 12 engines agree ${HOSTILE.style}`,
    policy: 'a'.repeat(64),
    site: 'b'.repeat(64),
  };
}
