/** Imports point one way: domain <- db <- activities <- worker; domain <- workflows <- worker; domain, db <- api <- cli; domain, activities <- evaluation <- cli. */
const layer = (name, from, to, typeOnly = {}) => ({
  name,
  severity: 'error',
  from: { path: from },
  to: { path: to, ...typeOnly },
});

module.exports = {
  forbidden: [
    {
      name: 'no-circles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-orphans',
      severity: 'error',
      from: {
        orphan: true,
        pathNot: '\\.d\\.ts$|(^|/)(eslint\\.config|knip|\\.dependency-cruiser)|^bin/|^stack/bootstrap',
      },
      to: {},
    },
    layer('domain-is-pure', '^domain/', '^(config|db|activities|workflows|worker|api|cli|stack|evaluation)/'),
    layer('domain-has-no-node', '^domain/', '^(node:|fs|path|crypto|http|net)'),
    layer('db-knows-domain-only', '^db/', '^(config|activities|workflows|worker|api|cli|stack|evaluation)/'),
    layer('config-knows-domain-only', '^config/', '^(db|activities|workflows|worker|api|cli|stack|evaluation)/'),
    layer('activities-serve-the-worker', '^activities/', '^(workflows|worker|api|cli|stack|evaluation)/'),
    layer('activities-read-no-environment', '^activities/', '^config/env'),
    layer('workflows-see-domain-only', '^workflows/', '^(config|db|worker|api|cli|stack)/'),
    layer('workflows-see-types-of-activities', '^workflows/', '^activities/', { dependencyTypesNot: ['type-only'] }),
    layer('workflows-see-the-contract-only', '^workflows/', '^activities/(?!contract\\.ts)'),
    layer('api-sees-types-of-workflows', '^api/', '^workflows/(?!messages\\.ts)', {
      dependencyTypesNot: ['type-only'],
    }),
    layer('api-has-no-activities', '^api/', '^(activities|worker|cli)/'),
    layer(
      'only-the-gateway-knows-temporal',
      '^api/(?!(gateway|search-attributes|feed-schedules)\\.ts)',
      'node_modules/@temporalio/',
    ),
    layer('only-the-cli-evaluates', '^(workflows|worker|api|stack)/', '^evaluation/'),
    layer('evaluation-runs-no-process', '^evaluation/', '^(workflows|worker|api|cli|stack)/'),
    layer('evaluation-needs-no-database', '^evaluation/', '^db/(?!(ioc-candidates|ioc-match|hashes|time)\\.ts)'),
    layer('evaluation-reads-no-environment', '^evaluation/', '^config/env'),
    layer('evaluation-needs-no-engine', '^evaluation/', 'node_modules/(@temporalio|knex|objection|mysql2)/'),
    layer('cli-asks-the-api', '^cli/', '^(activities|workflows|worker)/'),
    layer(
      'product-needs-no-tests',
      '^(domain|db|config|activities|workflows|worker|api|cli|stack|evaluation)/',
      '^(test|bench)/',
    ),
    {
      name: 'not-to-dev-dependency',
      severity: 'error',
      from: { path: '^(domain|db|config|activities|workflows|worker|api|cli|stack|evaluation)/' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    tsPreCompilationDeps: 'specify',
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^node_modules/.*/node_modules|^test/fixtures/playbook/' },
    enhancedResolveOptions: { extensions: ['.ts', '.mjs', '.js', '.json'] },
  },
};
